package io.tradesync.internal.write;

import static io.tradesync.internal.write.BatchOutcome.joined;

import io.tradesync.FailedTrade;
import io.tradesync.Side;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.internal.failure.FailureClassifier;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.failure.Retries;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.log.FailedTrades;
import io.tradesync.spi.log.TradeFailure;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Marks failed trades in the log. Thread-safe. */
final class FailedTradeMarker {

  private static final Logger LOG = LoggerFactory.getLogger(FailedTradeMarker.class);

  private final FailedTrades log;
  private final FailureClassifier failures;
  private final Retries retries;
  private final int parkAfter;

  /** Takes in how many runs a trade may fail before the log parks it. */
  FailedTradeMarker(FailedTrades log, FailureClassifier failures, Retries retries, int parkAfter) {
    this.log = log;
    this.failures = failures;
    this.retries = retries;
    this.parkAfter = parkAfter;
  }

  /**
   * Marks the failed trades of a batch.
   *
   * @param batchSize how many trades the batch had. If all of several trades failed for an unknown
   *     reason, the cause may well be something else than the trades
   * @return the marked trades
   */
  List<FailedTrade> mark(List<FailedRepair> failed, int batchSize, WriteContext context) {
    if (failed.isEmpty()) {
      return List.of();
    }
    LOG.warn(
        "{} trades from {} to {} failed: {}",
        failed.size(),
        text(failed.get(0).repair().key()),
        text(failed.get(failed.size() - 1).repair().key()),
        failed.get(0).reason());
    boolean onlySomeFailed = batchSize == 1 || failed.size() < batchSize;
    List<TradeFailure> marks =
        failed.stream()
            .map(each -> each.toMark(onlySomeFailed))
            .sorted(Comparator.comparing(TradeFailure::key))
            .toList();
    return record(marks, context);
  }

  /** Marks rows of the source that are not one trade; returns the marked trades. */
  List<FailedTrade> markUnreadable(List<TradeFailure> unreadable, WriteContext context) {
    if (unreadable.isEmpty()) {
      return List.of();
    }
    LOG.warn(
        "{} keys from {} to {} are no trade in the source: {}",
        unreadable.size(),
        text(unreadable.get(0).key()),
        text(unreadable.get(unreadable.size() - 1).key()),
        FailureText.singleLine(unreadable.get(0).reason()));
    return record(
        unreadable.stream()
            .map(
                failure ->
                    new TradeFailure(
                        failure.key(),
                        failure.fingerprint(),
                        FailureText.singleLine(failure.reason()),
                        failure.ofData(),
                        failure.unreadableRows()))
            .toList(),
        context);
  }

  /** Records marks, by halving if the store cannot hold one of them. */
  private List<FailedTrade> record(List<TradeFailure> marks, WriteContext context) {
    try {
      return retries.on(Side.STORE, () -> log.markFailed(marks, context.runId(), parkAfter));
    } catch (TradesyncException e) {
      if (failures.kind(e) != FailureKind.DATA) {
        throw e;
      }
      int half = marks.size() / 2;
      if (half == 0) {
        LOG.warn(
            "trade {} is not marked as failed and stays a gap, since its mark cannot be stored: {}",
            text(marks.get(0).key()),
            FailureText.reason(e));
        return List.of();
      }
      return joined(
          record(marks.subList(0, half), context),
          record(marks.subList(half, marks.size()), context));
    }
  }

  private static String text(TradeKey key) {
    return FailureText.singleLine(key.toString());
  }
}
