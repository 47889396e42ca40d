package io.tradesync.internal.write;

import io.tradesync.Side;
import io.tradesync.internal.failure.Retries;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.TradeFailure;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Marks failed trades in the log. Thread-safe. */
final class FailedTradeMarker {

  private static final Logger LOG = LoggerFactory.getLogger(FailedTradeMarker.class);

  private final SyncLog log;
  private final Retries retries;
  private final int parkAfter;

  /** Takes in how many runs a trade may fail before the log parks it. */
  FailedTradeMarker(SyncLog log, Retries retries, int parkAfter) {
    this.log = log;
    this.retries = retries;
    this.parkAfter = parkAfter;
  }

  /**
   * Marks the failed trades of a batch.
   *
   * @param batchSize how many trades the batch had. If all of several trades failed for an unknown
   *     reason, the cause may well be something else than the trades
   */
  void mark(List<FailedRepair> failed, int batchSize, WriteContext context) {
    if (failed.isEmpty()) {
      return;
    }
    LOG.warn(
        "{} trades from {} to {} failed: {}",
        failed.size(),
        failed.get(0).repair().key(),
        failed.get(failed.size() - 1).repair().key(),
        failed.get(0).reason());
    boolean onlySomeFailed = batchSize == 1 || failed.size() < batchSize;
    List<TradeFailure> marks =
        failed.stream()
            .map(each -> each.toMark(onlySomeFailed))
            .sorted(Comparator.comparing(TradeFailure::key))
            .toList();
    retries.run(Side.STORE, () -> log.failedTrades().markFailed(marks, context.runId(), parkAfter));
  }
}
