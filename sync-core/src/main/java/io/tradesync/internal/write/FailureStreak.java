package io.tradesync.internal.write;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.internal.failure.FailureText;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the batches of a run in a row that ended with a connection failure. Thread-safe. */
final class FailureStreak {

  private final AtomicInteger failedInARow = new AtomicInteger();

  void succeeded() {
    failedInARow.set(0);
  }

  /**
   * Counts a failed batch.
   *
   * @throws SideUnavailableException if it is the last one allowed; names the side
   */
  void failed(int maxFailedBatches, Side side, Exception failure) {
    int inARow = failedInARow.incrementAndGet();
    if (inARow >= maxFailedBatches) {
      String reason =
          inARow + " batches in a row failed, the last one with: " + FailureText.reason(failure);
      throw SideUnavailableException.unreachable(side, reason, failure);
    }
  }
}
