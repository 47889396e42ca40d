package io.tradesync.internal.live;

import io.tradesync.CatchUpResult;
import io.tradesync.IngestResult;
import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.batch.BatchOutcome;
import io.tradesync.internal.batch.BatchWriter;
import io.tradesync.internal.batch.BatchWriter.Writer;
import io.tradesync.internal.gap.GapKind;
import io.tradesync.internal.gap.SourceReader;
import io.tradesync.spi.ClaimMode;
import io.tradesync.spi.Hint;
import io.tradesync.spi.LogEntries;
import io.tradesync.spi.TradeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Writes what live paths bring, by the same path as a run. Thread-safe. */
public final class Intake {

  private static final int READ_AHEAD = 1_000;

  private final TradeSource source;
  private final LogEntries entries;
  private final BatchWriter writer;
  private final Predicate<GapKind> repaired;
  private final ClaimMode repairMode;
  private final int batchSize;
  private final long overlapSeconds;

  /**
   * Makes an intake.
   *
   * @param source the source
   * @param entries the log's entries
   * @param writer writes batches
   * @param repaired which kinds of gap are written
   * @param repairMode how far to go against the log where the source was just read
   * @param batchSize how many trades a batch holds at most
   * @param overlapSeconds how far before a hinted time the source is read
   */
  public Intake(
      TradeSource source,
      LogEntries entries,
      BatchWriter writer,
      Predicate<GapKind> repaired,
      ClaimMode repairMode,
      int batchSize,
      long overlapSeconds) {
    this.source = source;
    this.entries = entries;
    this.writer = writer;
    this.repaired = repaired;
    this.repairMode = repairMode;
    this.batchSize = batchSize;
    this.overlapSeconds = overlapSeconds;
  }

  /**
   * Writes trades; see {@link io.tradesync.spi.LiveIntake#ingest}.
   *
   * @param trades the trades
   * @param scope which trades count
   * @return what became of each
   */
  public IngestResult ingest(List<Trade> trades, KeyRange scope) {
    Map<TradeKey, Trade> inScope = new TreeMap<>();
    List<TradeKey> outOfScope = new ArrayList<>();
    Written written = new Written();
    for (Trade trade : source.withPools(trades)) {
      if (!scope.contains(trade.key())) {
        outOfScope.add(trade.key());
      } else if (!trade.equals(inScope.computeIfAbsent(trade.key(), key -> trade))) {
        written.disputed.add(trade);
      }
    }
    write(List.copyOf(inScope.values()), ClaimMode.NEW, written);
    List<TradeKey> unsettled = settle(written, scope);
    return new IngestResult(written.written, written.known, written.failed, outOfScope, unsettled);
  }

  /** Asks the source about trades that contradict the log; it decides. */
  private List<TradeKey> settle(Written written, KeyRange scope) {
    if (written.disputed.isEmpty()) {
      return List.of();
    }
    Set<TradeKey> open = new HashSet<>();
    written.disputed.forEach(trade -> open.add(trade.key()));
    List<Trade> now =
        source.byIds(written.disputed.stream().map(Trade::id).toList()).stream()
            .filter(trade -> scope.contains(trade.key()))
            .toList();
    written.disputed.clear();
    write(now, repairMode, written);
    now.forEach(trade -> open.remove(trade.key()));
    written.disputed.forEach(trade -> open.add(trade.key()));
    return open.stream().sorted().toList();
  }

  private void write(List<Trade> trades, ClaimMode mode, Written into) {
    for (int from = 0; from < trades.size(); from += batchSize) {
      List<Trade> batch = trades.subList(from, Math.min(trades.size(), from + batchSize));
      into.add(writer.write(batch, Writer.live(mode)));
    }
  }

  /**
   * Reads the source once for many hints; see {@link io.tradesync.spi.LiveIntake#catchUp}.
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
      SourceReader reader =
          SourceReader.ofGaps(source, entries, repaired, rest, Math.max(READ_AHEAD, batchSize));
      while (covered.isBefore(window.upTo()) && !reader.isAtEnd()) {
        SourceReader.Page page = reader.next().orElseThrow();
        page.trades().forEach(trade -> wanted.remove(trade.transactionId()));
        Written written = new Written();
        write(page.repairs(), repairMode, written);
        processed += written.written.size();
        errors += written.failed.size();
        covered = reader.isAtEnd() ? TradeKey.MAX : last(page.trades());
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

  private static TradeKey last(List<Trade> trades) {
    return trades.get(trades.size() - 1).key();
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

  private static final class Written {
    private final List<TradeKey> written = new ArrayList<>();
    private final List<TradeKey> known = new ArrayList<>();
    private final List<TradeKey> failed = new ArrayList<>();
    private final List<Trade> disputed = new ArrayList<>();

    void add(BatchOutcome outcome) {
      written.addAll(outcome.written());
      known.addAll(outcome.known());
      failed.addAll(outcome.failed());
      disputed.addAll(outcome.disputed());
    }
  }
}
