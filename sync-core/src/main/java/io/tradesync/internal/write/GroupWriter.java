package io.tradesync.internal.write;

import static io.tradesync.internal.write.BatchOutcome.joined;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import io.tradesync.FailedTrade;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.internal.failure.FailureClassifier;
import io.tradesync.internal.failure.Retries;
import io.tradesync.internal.failure.WriteCancelledException;
import io.tradesync.internal.thread.AbandonableWork;
import io.tradesync.spi.Retention;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.HandedOut;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.TradeFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes batches to the store: several in one transaction if possible, and each alone if that
 * fails. Runs and the live path write trades in no other way. Thread-safe.
 */
public final class GroupWriter {

  private final SyncLog log;
  private final SinkWriter sink;
  private final Retries retries;
  private final BatchWriter batches;
  private final DisputedTrades disputedTrades;
  private final DeferredWork deferred;

  /**
   * Creates the writer of an engine.
   *
   * @param source the source, with retries
   * @param parkAfter in how many runs a trade may fail before the log parks it
   */
  public GroupWriter(
      TradeSource source,
      SyncLog log,
      SinkWriter sink,
      FailureClassifier failures,
      Retries retries,
      int parkAfter) {
    this.log = log;
    this.sink = sink;
    this.retries = retries;
    this.batches = new BatchWriter(source, log, sink, failures, retries, parkAfter);
    this.disputedTrades = new DisputedTrades(source, batches);
    this.deferred = new DeferredWork(log, sink, retries);
  }

  /**
   * Returns whether batches may share a transaction: all of it if the sink joins it, otherwise the
   * one in which they are handed out.
   */
  public boolean canShareTransaction() {
    return sink.joinsTransaction() || sink.recordsBeforeWrite();
  }

  /**
   * Writes the batches of a group. They are tried once in one transaction; if that fails for any
   * reason, each batch is written alone, so that it fails only for what is in it. If the sink does
   * not join the transaction, they are handed out in one, and each is then written alone. Rows of
   * the source that are no trade are marked apart from the trades.
   *
   * @param group batches in key order; at least one
   * @param size is told how the writing went
   * @param cancelled asked before each transaction
   * @param finished called for each batch, in order, after its commit
   * @return false if it was cancelled and batches are left
   * @throws SideUnavailableException if a side is gone; trades under way are not marked
   * @throws LeaseLostException if the lease was taken over; nothing is committed from then on
   * @throws TradesyncException if the thread was interrupted; trades under way are not marked
   */
  public boolean write(
      List<Batch> group,
      WriteContext context,
      GroupSize size,
      BooleanSupplier cancelled,
      BiConsumer<Batch, BatchOutcome> finished) {
    long began = System.nanoTime();
    context.listener().writingStarted(context.runId(), group.size());
    try {
      return writeAll(group, context, size, cancelled, finished);
    } catch (WriteCancelledException e) {
      return false;
    } finally {
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      context.listener().writingEnded(context.runId(), group.size(), took);
      deferred.committed();
    }
  }

  private boolean writeAll(
      List<Batch> group,
      WriteContext context,
      GroupSize size,
      BooleanSupplier cancelled,
      BiConsumer<Batch, BatchOutcome> finished) {
    if (group.stream().noneMatch(UnreadableRepairs::isIn)) {
      return writeTrades(group, context, size, cancelled, finished);
    }
    if (cancelled.getAsBoolean()) {
      return false;
    }
    UnreadableRepairs unreadable = UnreadableRepairs.of(group);
    List<FailedTrade> marked = batches.markUnreadable(unreadable.withoutTrade(), context);
    return writeTrades(
        unreadable.trades(),
        context,
        size,
        cancelled,
        (batch, outcome) -> {
          List<TradeFailure> rows = unreadable.afterWrite(batch, outcome);
          List<FailedTrade> markedNow = joined(marked, batches.markUnreadable(rows, context));
          finished.accept(
              unreadable.whole(batch), unreadable.outcome(batch, outcome, rows, markedNow));
        });
  }

  private boolean writeTrades(
      List<Batch> group,
      WriteContext context,
      GroupSize size,
      BooleanSupplier cancelled,
      BiConsumer<Batch, BatchOutcome> finished) {
    if (group.size() > 1 && !sink.joinsTransaction()) {
      return writeHandedOut(group, context, size, cancelled, finished);
    }
    if (group.size() > 1 && !cancelled.getAsBoolean()) {
      Instant began = size.begin();
      Optional<List<BatchOutcome>> outcomes = writeGroup(group, context);
      if (outcomes.isPresent()) {
        size.written(group.size(), began);
        for (int i = 0; i < group.size(); i++) {
          finished.accept(group.get(i), outcomes.get().get(i));
        }
        return true;
      }
      size.failed();
    }
    for (Batch batch : group) {
      if (cancelled.getAsBoolean()) {
        return false;
      }
      finished.accept(batch, writeAlone(batch, context, size));
    }
    return true;
  }

  private boolean writeHandedOut(
      List<Batch> group,
      WriteContext context,
      GroupSize size,
      BooleanSupplier cancelled,
      BiConsumer<Batch, BatchOutcome> finished) {
    if (cancelled.getAsBoolean()) {
      return false;
    }
    Instant began = size.begin();
    List<Repair> repairs = group.stream().flatMap(batch -> batch.repairs().stream()).toList();
    // A retraction is asked about at the source just before it is handed out.
    boolean isClear =
        idsAtTwoKeys(repairs).isEmpty()
            && repairs.stream().allMatch(Repair.Write.class::isInstance);
    HandedOut handedOut = isClear ? batches.handOut(repairs, context).orElse(null) : null;
    boolean hasFailed = false;
    for (Batch batch : group) {
      if (cancelled.getAsBoolean()) {
        return false;
      }
      BatchOutcome outcome = writeBatch(batch.repairs(), context, handedOut);
      hasFailed = hasFailed || !outcome.failed().isEmpty();
      finished.accept(batch, outcome);
    }
    if (hasFailed) {
      size.failed();
    } else {
      size.written(group.size(), began);
    }
    return true;
  }

  private Optional<List<BatchOutcome>> writeGroup(List<Batch> group, WriteContext context) {
    List<Repair> repairs = group.stream().flatMap(batch -> batch.repairs().stream()).toList();
    if (repairs.isEmpty() || !idsAtTwoKeys(repairs).isEmpty()) {
      return Optional.empty();
    }
    return writeMoves(repairs, context)
        .or(() -> batches.tryOnce(repairs, context))
        .map(result -> distribute(result, group, context));
  }

  /**
   * Writes trades that move, of which the source was asked by id when they were read.
   *
   * @return empty if not all of them move, or if it failed; nothing was written then
   */
  private Optional<BatchResult> writeMoves(List<Repair> repairs, WriteContext context) {
    boolean allMove =
        repairs.stream()
            .allMatch(repair -> repair instanceof Repair.Write write && write.leaves() != null);
    return context.mode() == ClaimMode.REPAIR && allMove
        ? batches.tryOnce(repairs, context.confirmed())
        : Optional.empty();
  }

  /** Splits the result of a group into the outcomes of its batches. */
  private List<BatchOutcome> distribute(
      BatchResult result, List<Batch> group, WriteContext context) {
    Set<TradeKey> known = Set.copyOf(result.outcome().known());
    Map<TradeKey, Trade> disputed =
        result.disputed().stream().collect(toMap(Trade::key, trade -> trade));
    Optional<BatchOutcome> confirmed = disputedTrades.tryOnce(result.disputed(), context);
    List<BatchOutcome> outcomes = new ArrayList<>();
    for (Batch batch : group) {
      List<Trade> disputedHere = new ArrayList<>();
      BatchOutcome undisputed = share(batch, known, disputed, disputedHere);
      Set<TradeKey> keys = disputedHere.stream().map(Trade::key).collect(toSet());
      outcomes.add(
          undisputed.plus(
              confirmed
                  .map(outcome -> outcome.of(keys))
                  .orElseGet(() -> confirm(disputedHere, context))));
    }
    return outcomes;
  }

  private static BatchOutcome share(
      Batch batch, Set<TradeKey> known, Map<TradeKey, Trade> disputed, List<Trade> disputedHere) {
    List<TradeKey> writtenHere = new ArrayList<>();
    List<TradeKey> knownHere = new ArrayList<>();
    for (Repair repair : batch.repairs()) {
      TradeKey key = repair.key();
      Trade inDispute = disputed.get(key);
      if (inDispute != null) {
        disputedHere.add(inDispute);
      } else {
        (known.contains(key) ? knownHere : writtenHere).add(key);
      }
    }
    return BatchOutcome.of(writtenHere, knownHere);
  }

  private BatchOutcome writeAlone(Batch batch, WriteContext context, GroupSize size) {
    Instant began = size.begin();
    BatchOutcome outcome = writeBatch(batch.repairs(), context, null);
    if (outcome.failed().isEmpty()) {
      size.written(1, began);
    } else {
      size.failed();
    }
    return outcome;
  }

  private BatchOutcome writeBatch(
      List<Repair> repairs, WriteContext context, @Nullable HandedOut handedOut) {
    Set<String> idsAtTwoKeys = idsAtTwoKeys(repairs);
    List<Repair> clear = new ArrayList<>();
    List<Trade> disputed = new ArrayList<>();
    for (Repair repair : repairs) {
      if (repair instanceof Repair.Write write && idsAtTwoKeys.contains(repair.key().id())) {
        disputed.add(write.trade());
      } else {
        clear.add(repair);
      }
    }
    BatchOutcome outcome = BatchOutcome.NOTHING;
    if (!clear.isEmpty()) {
      BatchResult result = batches.write(clear, context, handedOut);
      outcome = result.outcome();
      disputed.addAll(result.disputed());
    }
    return outcome.plus(confirm(disputed, context));
  }

  // Two pages of the source, read at different moments, can show one id at two keys.
  private static Set<String> idsAtTwoKeys(List<Repair> repairs) {
    Set<String> ids = new HashSet<>();
    Set<String> twice = new HashSet<>();
    for (Repair repair : repairs) {
      if (!ids.add(repair.key().id())) {
        twice.add(repair.key().id());
      }
    }
    return twice;
  }

  /**
   * Asks the source by id about trades that contradict each other, and writes its answer.
   *
   * @return what became of these trades. A trade stays disputed if the source has it at another
   *     key, or if the sink does not support the change
   * @throws SideUnavailableException if a side is gone
   */
  public BatchOutcome confirm(List<Trade> disputed, WriteContext context) {
    BatchOutcome outcome = disputedTrades.confirm(disputed, context);
    deferred.committed();
    return outcome;
  }

  /** Returns whether a lease is held now, so that a transaction with it would commit. */
  public boolean holdsLease(FencingToken token) {
    try {
      return retries.on(Side.STORE, () -> log.transact(token, transaction -> Boolean.TRUE));
    } catch (LeaseLostException e) {
      return false;
    }
  }

  /**
   * Asks the sink how far back it keeps trades, and records it with the log.
   *
   * @param through the log, or one through connections of its own
   * @param oldestProcessed reads the oldest processed entry at or above the recorded boundary
   * @return the retention boundary; empty if there is none
   */
  public OptionalLong retainedSince(SyncLog through, Supplier<Optional<TradeKey>> oldestProcessed) {
    if (!sink.joinsTransaction()) {
      return OptionalLong.empty();
    }
    // Read before the sink is asked: the rows of an entry that is seen are there, unless dropped.
    Optional<TradeKey> oldest = oldestProcessed.get();
    return AbandonableWork.get(
        () ->
            retries.onSink(
                through,
                () ->
                    through.transact(
                        null,
                        transaction -> {
                          Retention retention = sink.retention(oldest, transaction);
                          transaction.retain(retention);
                          OptionalLong recorded = transaction.retainedSince();
                          return recorded.isPresent() ? recorded : retention.since();
                        })));
  }

  /** Returns the work that the sink defers. */
  public DeferredWork deferred() {
    return deferred;
  }
}
