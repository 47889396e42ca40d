package io.tradesync.internal.plan;

import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.Gap;
import io.tradesync.internal.compare.GapFinder;
import io.tradesync.internal.compare.OrphanPolicy;
import io.tradesync.internal.compare.TwoSidedReader;
import io.tradesync.internal.write.Repair;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.LogEntries;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads both sides of ranges, one page in memory at a time, and tells what is to be repaired. */
public final class RepairReader {

  /**
   * One page.
   *
   * @param trades all trades that the source has here, in key order
   * @param repairs what is to be put right, in key order
   * @param through up to where the page goes
   */
  public record Page(List<Trade> trades, List<Repair> repairs, TradeKey through) {}

  /**
   * Which trades are repaired.
   *
   * @param wanted which kinds of gap are written
   * @param everything whether all trades of the source are written, gaps or not
   * @param retractions judges orphans; null if none is retracted
   */
  public record Choice(
      Predicate<GapKind> wanted, boolean everything, @Nullable OrphanPolicy retractions) {}

  private final TradeSource source;
  private final Choice choice;
  private final TwoSidedReader<Trade> sides;

  /**
   * Makes a reader.
   *
   * @param source the source
   * @param log the log's entries
   * @param choice which trades are repaired
   * @param ranges ranges in key order that do not overlap
   * @param pageSize how many trades to read at a time
   */
  public RepairReader(
      TradeSource source, LogEntries log, Choice choice, List<KeyRange> ranges, int pageSize) {
    this.source = source;
    this.choice = choice;
    this.sides = new TwoSidedReader<>(source::page, log, ranges, pageSize);
  }

  /**
   * Tells whether the ranges are read to their end.
   *
   * @return true if there is no further page
   */
  public boolean isAtEnd() {
    return sides.isAtEnd();
  }

  /**
   * Reads on.
   *
   * @return the next page, or empty once the ranges are read to their end
   */
  public Optional<Page> next() {
    return sides
        .next()
        .map(
            step ->
                new Page(
                    step.trades(),
                    repairs(step),
                    step.ranges().get(step.ranges().size() - 1).upTo()));
  }

  private List<Repair> repairs(TwoSidedReader.Step<Trade> step) {
    SortedMap<TradeKey, Gap> gaps =
        GapFinder.of(
            source, step.trades().stream().map(KeyFingerprint::of).toList(), step.entries());
    OrphanPolicy retractions = choice.retractions;
    Set<TradeKey> due =
        retractions == null ? Set.of() : retractions.due(step.ranges(), gaps.values());
    Map<TradeKey, Trade> there = new HashMap<>();
    step.trades().forEach(trade -> there.put(trade.key(), trade));
    TreeSet<TradeKey> keys = new TreeSet<>(gaps.keySet());
    if (choice.everything) {
      keys.addAll(there.keySet());
    }
    List<Repair> repairs = new ArrayList<>();
    for (TradeKey key : keys) {
      Gap gap = gaps.get(key);
      if (gap != null && gap.kind() == GapKind.ORPHANED) {
        if (due.contains(key)) {
          repairs.add(new Repair.Retract(key));
        }
      } else if (choice.everything || (gap != null && gap.isWritten(choice.wanted))) {
        Trade now = gap == null || gap.now() == null ? there.get(key) : gap.now();
        if (now != null) {
          repairs.add(new Repair.Write(now));
        }
      }
    }
    return repairs;
  }
}
