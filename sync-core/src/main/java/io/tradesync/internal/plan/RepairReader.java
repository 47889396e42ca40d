package io.tradesync.internal.plan;

import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.Gap;
import io.tradesync.internal.compare.GapFinder;
import io.tradesync.internal.compare.GapSelection;
import io.tradesync.internal.compare.OrphanPolicy;
import io.tradesync.internal.compare.TwoSidedReader;
import io.tradesync.internal.rows.SourceRow;
import io.tradesync.internal.write.Repair;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.LogEntries;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads both sides of ranges, one page in memory at a time, and finds what to repair. */
public final class RepairReader {

  /**
   * One page.
   *
   * @param rows all rows that the source has in the page, in key order
   * @param repairs what is to be repaired, in key order
   * @param left the keys of gaps that are not repaired, but for failures that the log knows
   * @param through the key up to which the page goes
   */
  public record Page(
      List<SourceRow> rows, List<Repair> repairs, List<TradeKey> left, TradeKey through) {}

  /**
   * Which trades are repaired.
   *
   * @param repaired the kinds of gap that are written
   * @param everything whether all trades of the source are written, gaps or not
   * @param orphans decides which orphans are retracted
   * @param keptBelow the key below which processed trades that vanished are kept
   */
  public record Choice(
      GapSelection repaired, boolean everything, OrphanPolicy orphans, TradeKey keptBelow) {

    /** Writes gaps of some kinds, and retracts nothing. */
    public static Choice writing(GapSelection repaired) {
      return new Choice(repaired, false, OrphanPolicy.countOnly(), TradeKey.MIN);
    }
  }

  private final TradeSource source;
  private final Choice choice;
  private final TwoSidedReader sides;

  /** By their new keys, the orphans of the last page whose ids the source has elsewhere. */
  private Map<TradeKey, Gap> moved = Map.of();

  /**
   * @param ranges ranges in key order that do not overlap
   * @param pageSize the number of trades to read at a time
   */
  public RepairReader(
      TradeSource source, LogEntries log, Choice choice, List<KeyRange> ranges, int pageSize) {
    this.source = source;
    this.choice = choice;
    this.sides = new TwoSidedReader(source::page, log, ranges, pageSize);
  }

  /** Whether the ranges are read to their end. */
  public boolean isAtEnd() {
    return sides.isAtEnd();
  }

  /** Reads the next page; empty if the ranges are read to their end. */
  public Optional<Page> next() {
    Optional<TwoSidedReader.Page> next = sides.next();
    while (next.isPresent()) {
      TwoSidedReader.Page part = next.get();
      Optional<NavigableMap<TradeKey, Gap>> gaps =
          GapFinder.findWithTrades(source, part, choice.keptBelow());
      if (gaps.isPresent()) {
        return Optional.of(page(part, gaps.get()));
      }
      next = Optional.of(sides.firstHalf(part));
    }
    return Optional.empty();
  }

  private Page page(TwoSidedReader.Page page, NavigableMap<TradeKey, Gap> gaps) {
    Set<TradeKey> due = choice.orphans.due(page.ranges(), gaps.values());
    Map<TradeKey, Trade> trades = new HashMap<>();
    for (SourceRow row : page.rows()) {
      if (row.trade() != null) {
        trades.put(row.key(), row.trade());
      }
    }
    TreeSet<TradeKey> keys = new TreeSet<>(gaps.keySet());
    if (choice.everything) {
      keys.addAll(trades.keySet());
    }
    Map<TradeKey, Gap> movedHere = moved(gaps.values());
    Map<TradeKey, Gap> moves = new HashMap<>(moved);
    moves.putAll(movedHere);
    moved = movedHere;
    List<Repair> repairs = new ArrayList<>();
    List<TradeKey> left = new ArrayList<>();
    for (TradeKey key : keys) {
      Gap gap = gaps.get(key);
      Optional<Repair> repair = repair(key, gap, due, trades, moves);
      repair.ifPresent(repairs::add);
      if (repair.isEmpty() && gap != null && !gap.known()) {
        left.add(key);
      }
    }
    return new Page(page.rows(), repairs, left, page.through());
  }

  private static Map<TradeKey, Gap> moved(Collection<Gap> gaps) {
    Map<TradeKey, Gap> moved = new HashMap<>();
    for (Gap gap : gaps) {
      if (gap.kind() == GapKind.ORPHANED && gap.now() != null) {
        moved.put(gap.now().key(), gap);
      }
    }
    return moved;
  }

  private Optional<Repair> repair(
      TradeKey key,
      @Nullable Gap gap,
      Set<TradeKey> due,
      Map<TradeKey, Trade> trades,
      Map<TradeKey, Gap> moves) {
    if (gap != null && gap.kind() == GapKind.ORPHANED) {
      return due.contains(key) ? Optional.of(new Repair.Retract(key)) : Optional.empty();
    }
    if (!choice.everything && (gap == null || !gap.isWritten(choice.repaired))) {
      return Optional.empty();
    }
    if (gap != null && gap.unreadable() != null) {
      return Optional.of(new Repair.Mark(gap.unreadable(), trade(gap)));
    }
    Trade now = gap == null || gap.now() == null ? trades.get(key) : trade(gap);
    return Optional.ofNullable(now)
        .map(trade -> new Repair.Write(trade, leaves(gap, moves.get(key))));
  }

  /** The old key of a trade, if the source's answer about the id was the row that was read. */
  private static @Nullable TradeKey leaves(@Nullable Gap gap, @Nullable Gap move) {
    return gap != null
            && gap.now() != null
            && move != null
            && move.now() != null
            && gap.now().hash() == move.now().hash()
        ? move.key()
        : null;
  }

  private static @Nullable Trade trade(Gap gap) {
    return gap.now() == null ? null : gap.now().trade();
  }
}
