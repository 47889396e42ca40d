package io.tradesync.internal.write;

import static java.util.stream.Collectors.toSet;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.LogTransaction;
import io.tradesync.spi.log.SyncLog;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * One attempt to make repairs in one transaction: claims them in the log and sends them to the
 * sink. Each call is a new attempt, and the object knows how far the last one came. Used by one
 * thread.
 */
final class BatchAttempt implements Callable<BatchResult> {

  private final TradeSource source;
  private final SyncLog log;
  private final SinkWriter sink;
  private final WriteContext context;
  private final List<Repair> repairs;
  private boolean transactionBegun;
  private boolean sinkIsWriting;

  BatchAttempt(
      TradeSource source,
      SyncLog log,
      SinkWriter sink,
      WriteContext context,
      List<Repair> repairs) {
    this.source = source;
    this.log = log;
    this.sink = sink;
    this.context = context;
    this.repairs = repairs;
  }

  /** Returns an attempt at other repairs in the same context. */
  BatchAttempt at(List<Repair> others) {
    return new BatchAttempt(source, log, sink, context, others);
  }

  List<Repair> repairs() {
    return repairs;
  }

  boolean hasBegunTransaction() {
    return transactionBegun;
  }

  /** Returns the side that the last attempt failed at. */
  Side failedSide(Exception failure) {
    if (sinkIsWriting) {
      return Side.SINK;
    }
    return failure instanceof SideUnavailableException unavailable
        ? unavailable.side()
        : Side.STORE;
  }

  @Override
  public BatchResult call() throws Exception {
    return RequestedWait.call(this::once, context::isCancelled);
  }

  private BatchResult once() throws Exception {
    transactionBegun = false;
    sinkIsWriting = false;
    // Asked before each attempt: a trade can come back in the pause between two of them.
    Set<TradeKey> returned = returned();
    List<Repair> due =
        returned.isEmpty()
            ? repairs
            : repairs.stream().filter(repair -> !returned.contains(repair.key())).toList();
    BatchOutcome notDue = BatchOutcome.of(List.of(), returned.stream().sorted().toList());
    if (due.isEmpty()) {
      return new BatchResult(notDue, List.of(), List.of());
    }
    Claim claim = context.transact(log, transaction -> claimAndSend(due, transaction));
    return new BatchResult(outcome(due, claim).plus(notDue), claim.disputed(), List.of());
  }

  /** The trades to be retracted that the source has again. */
  private Set<TradeKey> returned() {
    Set<TradeKey> retracted = new HashSet<>();
    for (Repair repair : repairs) {
      if (repair instanceof Repair.Retract) {
        retracted.add(repair.key());
      }
    }
    if (retracted.isEmpty()) {
      return Set.of();
    }
    return source.byIds(retracted.stream().map(TradeKey::id).toList()).rows().stream()
        .map(Trade::key)
        .filter(retracted::contains)
        .collect(toSet());
  }

  private Claim claimAndSend(List<Repair> due, LogTransaction transaction) throws Exception {
    transactionBegun = true;
    Claim claim = transaction.claim(request(due));
    if (!claim.changes().isEmpty()) {
      send(batch(claim), transaction);
    }
    return claim;
  }

  private void send(TradeBatch batch, LogTransaction transaction) throws Exception {
    sinkIsWriting = true;
    try {
      sink.write(batch, transaction);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw e;
    } catch (Exception e) {
      throw e;
    } catch (Throwable e) {
      throw failureOfBatch(e);
    }
    sinkIsWriting = false;
  }

  // Without memory, the failure says nothing about the batch, and nothing more can be relied on.
  private static SinkErrorException failureOfBatch(Throwable thrown) {
    if (thrown instanceof VirtualMachineError error && !(error instanceof StackOverflowError)) {
      throw error;
    }
    return new SinkErrorException(thrown);
  }

  private ClaimRequest request(List<Repair> due) {
    List<Trade> trades = new ArrayList<>();
    List<TradeKey> retractions = new ArrayList<>();
    for (Repair repair : due) {
      if (repair instanceof Repair.Write write) {
        trades.add(write.trade());
      } else {
        retractions.add(repair.key());
      }
    }
    return new ClaimRequest(
        trades, retractions, context.mode(), sink.capabilities(), context.runId());
  }

  private TradeBatch batch(Claim claim) {
    String service = log.service();
    boolean forced = context.mode() == ClaimMode.FORCE;
    String keyScope = forced ? service + " " + context.runId() : service;
    String key = IdempotencyKeys.of(keyScope, claim.changes());
    return new TradeBatch(service, key, forced, claim.changes());
  }

  private static BatchOutcome outcome(List<Repair> due, Claim claim) {
    Set<TradeKey> notWritten = new HashSet<>();
    claim.known().forEach(trade -> notWritten.add(trade.key()));
    claim.disputed().forEach(trade -> notWritten.add(trade.key()));
    return BatchOutcome.of(
        due.stream().map(Repair::key).filter(key -> !notWritten.contains(key)).toList(),
        claim.known().stream().map(Trade::key).toList());
  }
}
