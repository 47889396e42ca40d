package io.tradesync.internal.write;

import static io.tradesync.internal.write.BatchOutcome.joined;

import io.tradesync.InvalidSettingException;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.internal.failure.FailureClassifier;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.failure.Retries;
import io.tradesync.internal.failure.WriteCancelledException;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.SinkUnavailableException;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.SyncLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the trades that make a batch fail, by halving it, and writes the others. Thread-safe.
 *
 * <p>A connection failure is not isolated: if both sides answer a probe, all trades of the batch
 * have failed.
 */
final class FailureIsolation {

  private static final Logger LOG = LoggerFactory.getLogger(FailureIsolation.class);

  private final SyncLog log;
  private final SinkWriter sink;
  private final FailureClassifier failures;
  private final Retries retries;

  FailureIsolation(SyncLog log, SinkWriter sink, FailureClassifier failures, Retries retries) {
    this.log = log;
    this.sink = sink;
    this.failures = failures;
    this.retries = retries;
  }

  /**
   * Decides what becomes of a batch that used up its attempts.
   *
   * @return the written and the failed repairs; the failed ones are not marked yet
   * @throws SideUnavailableException if a side is gone; says nothing about these trades
   * @throws LeaseLostException if the lease was taken over
   * @throws TradesyncException if the thread was interrupted
   */
  BatchResult isolate(BatchAttempt failed, Exception failure) {
    throwIfNotOfBatch(failed, failure);
    List<Repair> repairs = failed.repairs();
    if (failures.isConnectionFailure(failure)) {
      checkSides(failed, failure);
      return failed(repairs, failure);
    }
    Map<TradeKey, String> bad = FailureClassifier.badTrades(failure);
    if (repairs.stream().anyMatch(repair -> bad.containsKey(repair.key()))) {
      return writeWithout(bad, failed);
    }
    return halve(failed, failure);
  }

  /** Throws if the failure says nothing about the batch. */
  static void throwIfNotOfBatch(BatchAttempt failed, Exception failure) {
    throwIfRunEnds(failure);
    if (failure instanceof SideUnavailableException gone
        && failed.failedSide(failure) == Side.SOURCE) {
      throw gone;
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new TradesyncException(
          "interrupted while writing " + failed.repairs().size() + " trades", failure);
    }
  }

  /**
   * Throws if nothing more can be written: the sink says so, the lease is lost, it is time, or a
   * setting is wrong.
   */
  static void throwIfRunEnds(Exception failure) {
    if (failure instanceof LeaseLostException lost) {
      throw lost;
    }
    if (failure instanceof InvalidSettingException invalid) {
      throw invalid;
    }
    if (failure instanceof WriteCancelledException cancelled) {
      throw cancelled;
    }
    if (failure instanceof SideUnavailableException side && side.isSetting()) {
      throw side;
    }
    FailureClassifier.cause(failure, SinkUnavailableException.class)
        .ifPresent(
            sink -> {
              throw SideUnavailableException.unreachable(
                  Side.SINK, FailureText.reason(sink), failure);
            });
  }

  /** Writes repairs that are not suspected yet; connection failures are tried again. */
  private BatchResult write(List<Repair> repairs, BatchAttempt failed) {
    if (repairs.isEmpty()) {
      return BatchResult.NOTHING;
    }
    BatchAttempt attempt = failed.at(repairs);
    try {
      return retries.call(attempt);
    } catch (Exception e) {
      return isolate(attempt, e);
    }
  }

  private void checkSides(BatchAttempt failed, Exception failure) {
    if (!failed.hasBegunTransaction()) {
      // There was not even a connection, which says nothing about these trades.
      throw failure instanceof SideUnavailableException unavailable
          ? unavailable
          : SideUnavailableException.unreachable(
              failed.failedSide(failure), FailureText.reason(failure), failure);
    }
    retries.runBriefly(Side.STORE, log::probe);
    retries.runBriefly(Side.SINK, sink::probe);
    LOG.debug("store and sink answer, so only this batch has failed", failure);
  }

  private BatchResult writeWithout(Map<TradeKey, String> bad, BatchAttempt failed) {
    List<FailedRepair> named = new ArrayList<>();
    List<Repair> others = new ArrayList<>();
    for (Repair repair : failed.repairs()) {
      String reason = bad.get(repair.key());
      if (reason == null) {
        others.add(repair);
      } else {
        named.add(new FailedRepair(repair, FailureText.singleLine(reason), FailureKind.DATA));
      }
    }
    failed.withdrawRefused(bad.keySet());
    return BatchResult.failed(named).plus(write(others, failed));
  }

  /**
   * Finds a bad trade by halving, with one transaction a step. If the first half fails, the bad
   * trade is in it, and the second half is put aside; if it succeeds, the bad trade is in the
   * second half. All that was put aside is written in one go at the end; it may hold more bad
   * trades.
   */
  private BatchResult halve(BatchAttempt failed, Exception failure) {
    BatchResult done = BatchResult.NOTHING;
    List<Repair> suspects = failed.repairs();
    List<Repair> aside = List.of();
    Exception reason = failure;
    boolean triedAlone = suspects.size() == 1;
    while (suspects.size() > 1) {
      LOG.debug("{} trades failed, halving: {}", suspects.size(), FailureText.reason(reason));
      int half = suspects.size() / 2;
      List<Repair> second = suspects.subList(half, suspects.size());
      BatchAttempt first = failed.at(suspects.subList(0, half));
      try {
        done = done.plus(retries.call(first));
        suspects = second;
        triedAlone = false;
      } catch (Exception e) {
        if (!isHalved(e)) {
          return done.plus(isolate(first, e))
              .plus(write(second, failed))
              .plus(write(aside, failed));
        }
        aside = joined(second, aside);
        suspects = first.repairs();
        reason = e;
        triedAlone = half == 1;
      }
    }
    return done.plus(triedAlone ? failed(suspects, reason) : write(suspects, failed))
        .plus(write(aside, failed));
  }

  /** Returns whether a failure of a half says no more than that a bad trade is in it. */
  private boolean isHalved(Exception failure) {
    throwIfRunEnds(failure);
    return !failures.isConnectionFailure(failure)
        && FailureClassifier.badTrades(failure).isEmpty()
        && !Thread.currentThread().isInterrupted();
  }

  private BatchResult failed(List<Repair> repairs, Exception failure) {
    String reason = FailureText.reason(failure);
    FailureKind kind = failures.kind(failure);
    return BatchResult.failed(
        repairs.stream().map(repair -> new FailedRepair(repair, reason, kind)).toList());
  }
}
