package io.tradesync.internal.write;

/**
 * How many batches share a transaction: twice as many after each group that was written soon, half
 * as many after one that took long, and each alone after one that failed. Thread-safe.
 */
public final class GroupSize {

  /** What is cancelled, or lost by a crash, is at most about this much work of each worker. */
  private static final long LONG_NANOS = 250_000_000;

  private final int most;
  private int now = 1;

  /**
   * Starts with each batch alone.
   *
   * @param most the most batches; at least 1
   */
  public GroupSize(int most) {
    this.most = most;
  }

  int most() {
    return most;
  }

  synchronized int now() {
    return now;
  }

  /**
   * Notes that a group was written without a failure.
   *
   * @param batches how many it had
   * @param nanos how long it took
   */
  public synchronized void written(int batches, long nanos) {
    if (nanos > LONG_NANOS) {
      now = Math.max(1, batches / 2);
    } else if (batches == now) {
      now = Math.min(most, 2 * now);
    }
  }

  /** Notes that something of a group failed. */
  public synchronized void failed() {
    now = 1;
  }
}
