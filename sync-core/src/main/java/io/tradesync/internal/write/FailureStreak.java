package io.tradesync.internal.write;

import io.tradesync.FailedBatchesException;
import io.tradesync.Side;
import io.tradesync.spi.FailureKind;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts the batches of a run in a row of which nothing could be written, for a reason that was not
 * proven to be in their trades. Thread-safe.
 */
final class FailureStreak {

  private final int max;
  private final AtomicInteger failedInARow = new AtomicInteger();

  /** Takes in how many batches in a row may fail; the last one of them ends the run. */
  FailureStreak(int max) {
    this.max = max;
  }

  /** Never ends anything: a live path brings no row of batches. */
  static FailureStreak unlimited() {
    return new FailureStreak(Integer.MAX_VALUE);
  }

  void succeeded() {
    failedInARow.set(0);
  }

  /**
   * Counts a batch that failed as a whole. One that failed because of its trades neither counts nor
   * ends the row; one of which a part was written ends the row.
   *
   * @param side where it failed
   * @throws FailedBatchesException if it is the last one allowed
   */
  void finished(BatchResult result, Side side) {
    BatchOutcome outcome = result.outcome();
    if (outcome.failed().isEmpty() || !outcome.written().isEmpty() || !outcome.known().isEmpty()) {
      succeeded();
    } else if (result.failed().stream().anyMatch(each -> each.kind() != FailureKind.DATA)) {
      int inARow = failedInARow.incrementAndGet();
      if (inARow >= max) {
        String reason = result.failed().get(result.failed().size() - 1).reason();
        throw new FailedBatchesException(inARow, side, reason);
      }
    }
  }
}
