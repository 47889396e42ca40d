package io.tradesync.internal.live;

import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.plan.RepairReader;
import io.tradesync.internal.write.BatchOutcome;
import io.tradesync.internal.write.BatchWriter;
import io.tradesync.internal.write.BatchWriter.Writer;
import io.tradesync.internal.write.Repair;
import io.tradesync.spi.CatchUpResult;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.LogEntries;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Writes what live paths bring, by the same path as a run. Thread-safe. */
public final class LiveTradeWriter {

  private static final int READ_AHEAD = 1_000;

  private final TradeSource source;
  private final LogEntries entries;
  private final BatchWriter writer;
  private final Predicate<GapKind> repaired;
  private final int batchSize;
  private final int batchesPerGroup;
  private final long overlapSeconds;

  /**
   * Makes an liveWriter.
   *
   * @param source the source
   * @param entries the log's entries
   * @param writer writes batches
   * @param repaired which kinds of gap are written
   * @param batchSize how many trades a batch holds at most
   * @param batchesPerGroup how many batches share a transaction at most
   * @param overlapSeconds how far before a hinted time the source is read
   */
  public LiveTradeWriter(
      TradeSource source,
      LogEntries entries,
      BatchWriter writer,
      Predicate<GapKind> repaired,
      int batchSize,
      int batchesPerGroup,
      long overlapSeconds) {
    this.source = source;
    this.entries = entries;
    this.writer = writer;
    this.repaired = repaired;
    this.batchSize = batchSize;
    this.batchesPerGroup = batchesPerGroup;
    this.overlapSeconds = overlapSeconds;
  }

  /**
   * Writes trades; see {@link io.tradesync.spi.LiveWriter#ingest}.
   *
   * @param trades the trades
   * @param scope which trades count
   * @return what became of each
   */
  public IngestResult ingest(List<Trade> trades, KeyRange scope) {
    Map<String, List<Trade>> byId = new LinkedHashMap<>();
    Set<TradeKey> outOfScope = new LinkedHashSet<>();
    for (Trade trade : source.withPools(trades)) {
      if (scope.contains(trade.key())) {
        List<Trade> sameId = byId.computeIfAbsent(trade.id(), id -> new ArrayList<>(1));
        if (!sameId.contains(trade)) {
          sameId.add(trade);
        }
      } else {
        outOfScope.add(trade.key());
      }
    }
    // Of two trades with one id the source knows which is true.
    Map<TradeKey, Trade> clear = new TreeMap<>();
    Map<TradeKey, Trade> contradicting = new TreeMap<>();
    byId.values()
        .forEach(
            sameId ->
                sameId.forEach(
                    trade -> (sameId.size() == 1 ? clear : contradicting).put(trade.key(), trade)));
    BatchOutcome outcome = write(writes(clear.values()), ClaimMode.NEW, scope);
    for (List<Trade> some : parts(List.copyOf(contradicting.values()), batchSize)) {
      outcome = outcome.plus(writer.confirm(some, Writer.live(ClaimMode.CONFIRMED), scope));
    }
    return new IngestResult(
        outcome.written(),
        outcome.known(),
        outcome.failed(),
        List.copyOf(outOfScope),
        outcome.disputed());
  }

  private static List<Repair> writes(Collection<Trade> trades) {
    return trades.stream().<Repair>map(Repair.Write::new).toList();
  }

  private BatchOutcome write(List<Repair> repairs, ClaimMode mode, KeyRange scope) {
    BatchOutcome outcome = BatchOutcome.NOTHING;
    for (List<List<Repair>> group : parts(parts(repairs, batchSize), batchesPerGroup)) {
      Optional<List<BatchOutcome>> together =
          group.size() == 1 ? Optional.empty() : writer.writeGroup(group, Writer.live(mode), scope);
      List<BatchOutcome> outcomes =
          together.orElseGet(
              () ->
                  group.stream()
                      .map(batch -> writer.write(batch, Writer.live(mode), scope))
                      .toList());
      for (BatchOutcome each : outcomes) {
        outcome = outcome.plus(each);
      }
    }
    return outcome;
  }

  private static <T> List<List<T>> parts(List<T> whole, int size) {
    List<List<T>> parts = new ArrayList<>();
    for (int from = 0; from < whole.size(); from += size) {
      parts.add(whole.subList(from, Math.min(whole.size(), from + size)));
    }
    return parts;
  }

  /**
   * Reads the source once for many hints; see {@link io.tradesync.spi.LiveWriter#catchUp}.
   *
   * @param hints the hints
   * @param scope which trades count
   * @return what was written and which hints are open
   */
  public CatchUpResult catchUp(Collection<Hint> hints, KeyRange scope) {
    if (hints.isEmpty()) {
      return new CatchUpResult(0, 0, List.of());
    }
    Set<String> wanted = new HashSet<>();
    hints.stream().map(Hint::transactionId).filter(Objects::nonNull).forEach(wanted::add);
    long processed = 0;
    long errors = 0;
    TradeKey covered = TradeKey.MIN;
    for (KeyRange window : windows(hints, scope)) {
      KeyRange rest = new KeyRange(TradeKey.max(window.after(), covered), scope.upTo());
      RepairReader reader =
          new RepairReader(
              source,
              entries,
              new RepairReader.Choice(repaired, false, null),
              List.of(rest),
              Math.max(READ_AHEAD, batchSize));
      while (covered.isBefore(window.upTo()) && !reader.isAtEnd()) {
        RepairReader.Page page = reader.next().orElseThrow();
        page.trades().forEach(trade -> wanted.remove(trade.transactionId()));
        BatchOutcome outcome = write(page.repairs(), ClaimMode.REPAIR, scope);
        processed += outcome.written().size();
        errors += outcome.failed().size();
        covered = page.through();
      }
    }
    return new CatchUpResult(
        processed,
        errors,
        hints.stream()
            .filter(hint -> hint.transactionId() != null && wanted.contains(hint.transactionId()))
            .filter(hint -> isInScope(hint, scope))
            .toList());
  }

  // What the scope leaves out is never found, so nobody should wait for it.
  private static boolean isInScope(Hint hint, KeyRange scope) {
    Long second = hint.epochSecond();
    return second == null || !scope.intersect(KeyRange.seconds(second, second + 1)).isEmpty();
  }

  /**
   * Where to read: around each hinted second, and from the newest processed trade on if a hint has
   * no time. A page that was begun is taken whole, so windows of a quiet time cost one reading, and
   * what lies between windows of a busy one is not read.
   *
   * @return ranges in key order
   */
  private List<KeyRange> windows(Collection<Hint> hints, KeyRange scope) {
    NavigableSet<Long> seconds = new TreeSet<>();
    hints.stream().map(Hint::epochSecond).filter(Objects::nonNull).forEach(seconds::add);
    List<KeyRange> windows = new ArrayList<>();
    for (long second : seconds) {
      windows.add(KeyRange.seconds(second - overlapSeconds, second + overlapSeconds + 1));
    }
    if (hints.stream().anyMatch(hint -> hint.epochSecond() == null)) {
      windows.add(
          entries
              .lastProcessed(scope)
              .map(newest -> KeyRange.from(newest.epochSecond() - overlapSeconds))
              .orElse(scope));
    }
    return windows.stream()
        .map(scope::intersect)
        .filter(window -> !window.isEmpty())
        .sorted(Comparator.comparing(KeyRange::after))
        .toList();
  }
}
