package io.tradesync.internal.live;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.GapSelection;
import io.tradesync.internal.plan.RepairReader;
import io.tradesync.internal.rows.SourceRow;
import io.tradesync.internal.write.Batch;
import io.tradesync.internal.write.BatchOutcome;
import io.tradesync.internal.write.GroupSize;
import io.tradesync.internal.write.GroupWriter;
import io.tradesync.internal.write.Portions;
import io.tradesync.internal.write.Repair;
import io.tradesync.internal.write.WriteContext;
import io.tradesync.spi.ActivityListener;
import io.tradesync.spi.CatchUpResult;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.OutsideRows;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** Writes the trades that a live feed brings or hints at. Thread-safe. */
public final class LiveTradeWriter {

  private static final int READ_AHEAD = 1_000;

  // Many hints at once tell of many trades in their minutes, which then cost fewer readings.
  private static final int TRADES_A_HINT = 10;
  private static final int MAX_READ_AHEAD = 10_000;

  private final TradeSource source;
  private final OtherPools otherPools;
  private final LogEntries entries;
  private final OutsideRows outsideRows;
  private final GroupWriter writer;
  private final GapSelection repaired;
  private final int batchSize;
  private final GroupSize groupSize;
  private final HintWindows windows;
  private final ActivityListener listener;

  /**
   * Creates the live path of an engine.
   *
   * @param source the source in scope, with retries
   * @param otherPools tells trades of other chains and pools
   * @param entries the log's entries, with retries
   * @param outsideRows records trades that have no place in the key order
   * @param repaired which kinds of gap the sink can repair
   * @param batchSize how many trades a batch has at most
   * @param batchesPerGroup how many batches share a transaction at most
   * @param overlapSeconds how far around a hinted second the source is read
   * @param listener hears of the writing and of trades that failed; never throws
   */
  public LiveTradeWriter(
      TradeSource source,
      OtherPools otherPools,
      LogEntries entries,
      OutsideRows outsideRows,
      GroupWriter writer,
      GapSelection repaired,
      int batchSize,
      int batchesPerGroup,
      long overlapSeconds,
      ActivityListener listener) {
    this.source = source;
    this.otherPools = otherPools;
    this.entries = entries;
    this.outsideRows = outsideRows;
    this.writer = writer;
    this.repaired = repaired;
    this.batchSize = batchSize;
    this.groupSize = GroupSize.fixed(batchesPerGroup);
    this.windows = new HintWindows(entries, overlapSeconds);
    this.listener = listener;
  }

  /** Writes whole trades; see {@link io.tradesync.spi.LiveWriter#ingest}. */
  public IngestResult ingest(List<Trade> trades, KeyRange scope) {
    Map<String, List<Trade>> byId = new LinkedHashMap<>();
    Set<TradeKey> outOfScope = new LinkedHashSet<>();
    OutsideTrades outside = new OutsideTrades();
    for (Trade trade : source.withPools(trades)) {
      if (!scope.contains(trade.key()) || !otherPools.isInScope(trade)) {
        outOfScope.add(trade.key());
        continue;
      }
      if (outside.take(trade)) {
        continue;
      }
      List<Trade> sameId = byId.computeIfAbsent(trade.id(), id -> new ArrayList<>(1));
      if (!sameId.contains(trade)) {
        sameId.add(trade);
      }
    }
    Map<TradeKey, Trade> clear = new TreeMap<>();
    Map<TradeKey, Trade> disputed = new TreeMap<>();
    for (List<Trade> sameId : byId.values()) {
      Map<TradeKey, Trade> kind = sameId.size() == 1 ? clear : disputed;
      sameId.forEach(trade -> kind.put(trade.key(), trade));
    }
    BatchOutcome outcome =
        write(writes(clear.values()), ClaimMode.NEW, scope)
            .plus(confirm(List.copyOf(disputed.values()), scope));
    return new IngestResult(
        outcome.written(),
        outcome.known(),
        outcome.failed(),
        List.copyOf(outOfScope),
        outcome.disputed(),
        outside.record(outsideRows));
  }

  private static List<Repair> writes(Collection<Trade> trades) {
    return trades.stream().<Repair>map(Repair.Write::new).toList();
  }

  private BatchOutcome write(List<Repair> repairs, ClaimMode mode, KeyRange scope) {
    WriteContext context = WriteContext.live(mode, scope, listener);
    List<Batch> batches = Portions.batches(repairs, batchSize);
    List<BatchOutcome> outcomes = new ArrayList<>();
    for (List<Batch> group : Portions.groups(batches, groupSize.now())) {
      writer.write(
          group,
          context,
          groupSize,
          () -> false,
          (batch, outcome) -> outcomes.add(reported(outcome)));
    }
    return outcomes.stream().reduce(BatchOutcome.NOTHING, BatchOutcome::plus);
  }

  /** Lets the source decide between trades that came with the same id. */
  private BatchOutcome confirm(List<Trade> disputed, KeyRange scope) {
    WriteContext context = WriteContext.live(ClaimMode.CONFIRMED, scope, listener);
    return parts(disputed, batchSize).stream()
        .map(part -> reported(writer.confirm(part, context)))
        .reduce(BatchOutcome.NOTHING, BatchOutcome::plus);
  }

  private BatchOutcome reported(BatchOutcome outcome) {
    if (!outcome.marked().isEmpty()) {
      listener.tradesFailed(outcome.marked());
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

  /** Reads the source once for many hints; see {@link io.tradesync.spi.LiveWriter#catchUp}. */
  public CatchUpResult catchUp(Collection<Hint> hints, KeyRange scope) {
    if (hints.isEmpty()) {
      return new CatchUpResult(0, 0, List.of());
    }
    Set<String> wanted = new HashSet<>();
    hints.stream().map(Hint::transactionId).filter(Objects::nonNull).forEach(wanted::add);
    long processed = 0;
    long errors = 0;
    TradeKey covered = TradeKey.MIN;
    int pageSize =
        Math.max(
            Math.max(READ_AHEAD, batchSize),
            (int) Math.min(MAX_READ_AHEAD, (long) TRADES_A_HINT * hints.size()));
    for (KeyRange window : windows.around(hints, scope)) {
      // A page is read whole even if it passes the window: the next windows may lie within it.
      RepairReader reader =
          reader(new KeyRange(TradeKey.max(window.after(), covered), scope.upTo()), pageSize);
      while (covered.isBefore(window.upTo()) && !reader.isAtEnd()) {
        RepairReader.Page page = reader.next().orElseThrow();
        for (SourceRow row : page.rows()) {
          if (row.trade() != null) {
            wanted.remove(row.trade().transactionId());
          }
        }
        BatchOutcome outcome = write(page.repairs(), ClaimMode.REPAIR, scope);
        processed += outcome.written().size();
        errors += outcome.failed().size();
        covered = page.through();
      }
    }
    otherPools.removeFrom(wanted, windows.around(open(hints, wanted, scope), scope));
    return new CatchUpResult(processed, errors, open(hints, wanted, scope));
  }

  private RepairReader reader(KeyRange range, int pageSize) {
    return new RepairReader(
        source, entries, RepairReader.Choice.writing(repaired), List.of(range), pageSize);
  }

  private static List<Hint> open(Collection<Hint> hints, Set<String> wanted, KeyRange scope) {
    return hints.stream()
        .filter(hint -> hint.transactionId() != null && wanted.contains(hint.transactionId()))
        .filter(hint -> isInScope(hint, scope))
        .toList();
  }

  // A trade outside the scope is never found, so nobody must wait for it.
  private static boolean isInScope(Hint hint, KeyRange scope) {
    Long second = hint.epochSecond();
    return second == null || !scope.intersect(KeyRange.seconds(second, second + 1)).isEmpty();
  }
}
