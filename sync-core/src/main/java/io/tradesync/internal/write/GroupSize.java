package io.tradesync.internal.write;

/** Says how many batches may share a transaction. Thread-safe. */
public final class GroupSize {

  // About as much work of each worker is at most cancelled, or lost by a crash.
  private static final long LONG_NANOS = 250_000_000;

  private final int min;
  private final int max;
  private int now;

  private GroupSize(int min, int max) {
    this.min = min;
    this.max = max;
    this.now = min;
  }

  /**
   * Starts with one batch a transaction. The size doubles after each group that was written soon,
   * halves after one that took long, and is 1 again after a failure.
   */
  public static GroupSize growing(int max) {
    return new GroupSize(1, max);
  }

  /** Always allows the same number of batches. */
  public static GroupSize fixed(int size) {
    return new GroupSize(size, size);
  }

  int max() {
    return max;
  }

  public synchronized int now() {
    return now;
  }

  /** Notes that a group was written without a failure. */
  synchronized void written(int batches, long nanos) {
    if (nanos > LONG_NANOS) {
      now = Math.max(min, batches / 2);
    } else if (batches == now) {
      now = Math.min(max, 2 * now);
    }
  }

  /** Notes that something of a group failed. */
  synchronized void failed() {
    now = min;
  }
}
