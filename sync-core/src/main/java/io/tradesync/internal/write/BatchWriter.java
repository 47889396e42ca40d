package io.tradesync.internal.write;

import io.tradesync.FailedBatchesException;
import io.tradesync.FailedTrade;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradesyncException;
import io.tradesync.internal.failure.FailureClassifier;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.failure.Retries;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.HandedOut;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.TradeFailure;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a batch: tries it in one transaction, tries again, isolates a failure that stays, and
 * marks the trades that failed. Thread-safe.
 */
final class BatchWriter {

  private static final Logger LOG = LoggerFactory.getLogger(BatchWriter.class);

  private final TradeSource source;
  private final SyncLog log;
  private final SinkWriter sink;
  private final Retries retries;
  private final FailureIsolation isolation;
  private final FailedTradeMarker marker;

  BatchWriter(
      TradeSource source,
      SyncLog log,
      SinkWriter sink,
      FailureClassifier failures,
      Retries retries,
      int parkAfter) {
    this.source = source;
    this.log = log;
    this.sink = sink;
    this.retries = retries;
    this.isolation = new FailureIsolation(log, sink, failures, retries);
    this.marker = new FailedTradeMarker(log.failedTrades(), failures, retries, parkAfter);
  }

  /**
   * Writes a batch, as far as it can be written.
   *
   * @param repairs at least one, in key order, each key and each id once
   * @throws SideUnavailableException if a side is gone; nothing is marked
   * @throws FailedBatchesException if this is one failed batch too many; nothing of it is marked
   * @throws LeaseLostException if the lease was taken over; nothing was committed
   * @throws TradesyncException if the thread was interrupted; nothing is marked
   */
  BatchResult write(List<Repair> repairs, WriteContext context) {
    return write(repairs, context, null);
  }

  /**
   * Hands repairs out before they are written in batches.
   *
   * @return empty if it failed for a reason that may be in the repairs; nothing was handed out then
   * @throws LeaseLostException if the lease was taken over; nothing was committed
   */
  Optional<HandedOut> handOut(List<Repair> repairs, WriteContext context) {
    try {
      return Optional.of(attempt(repairs, context).handOut());
    } catch (Exception e) {
      FailureIsolation.throwIfRunEnds(e);
      LOG.debug(
          "{} trades could not be handed out together: {}", repairs.size(), FailureText.reason(e));
      return Optional.empty();
    }
  }

  /** As {@link #write(List, WriteContext)}, of repairs that were handed out. */
  BatchResult write(List<Repair> repairs, WriteContext context, @Nullable HandedOut handedOut) {
    BatchAttempt attempt = new BatchAttempt(source, log, sink, context, repairs, handedOut);
    try {
      BatchResult result = retries.patiently(attempt);
      context.failureStreak().succeeded();
      return result;
    } catch (Exception e) {
      FailureIsolation.throwIfNotOfBatch(attempt, e);
      Side side = attempt.failedSide(e);
      BatchResult result = isolation.isolate(attempt, e);
      context.failureStreak().finished(result, side);
      return result.withMarked(marker.mark(result.failed(), repairs.size(), context));
    }
  }

  /**
   * Tries a batch once.
   *
   * @return empty if it failed for a reason that may be in the batch; nothing was written then
   * @throws LeaseLostException if the lease was taken over; nothing was committed
   * @throws SideUnavailableException if the sink or the source is gone
   */
  Optional<BatchResult> tryOnce(List<Repair> repairs, WriteContext context) {
    BatchAttempt attempt = attempt(repairs, context);
    try {
      BatchResult result = attempt.call();
      context.failureStreak().succeeded();
      return Optional.of(result);
    } catch (Exception e) {
      FailureIsolation.throwIfRunEnds(e);
      LOG.debug(
          "{} trades could not be written in one transaction: {}",
          repairs.size(),
          FailureText.reason(e));
      return Optional.empty();
    }
  }

  /** Records that rows of the source are not one trade; returns the marked trades. */
  List<FailedTrade> markUnreadable(List<TradeFailure> unreadable, WriteContext context) {
    return marker.markUnreadable(unreadable, context);
  }

  private BatchAttempt attempt(List<Repair> repairs, WriteContext context) {
    return new BatchAttempt(source, log, sink, context, repairs, null);
  }
}
