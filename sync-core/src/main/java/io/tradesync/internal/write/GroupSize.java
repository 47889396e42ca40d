package io.tradesync.internal.write;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Says how many batches may share a transaction. Thread-safe. */
public final class GroupSize {

  // About as much work of each worker is at most cancelled, or lost by a crash.
  private static final Duration LONG = Duration.ofMillis(250);

  private final int min;
  private final int max;
  private final Clock clock;
  private int now;

  private GroupSize(int min, int max, Clock clock) {
    this.min = min;
    this.max = max;
    this.clock = clock;
    this.now = min;
  }

  /**
   * Starts with one batch a transaction. The size doubles after each group that was written soon,
   * halves after one that took long, and is 1 again after a failure.
   *
   * @param clock measures how long a group takes
   */
  public static GroupSize growing(int max, Clock clock) {
    return new GroupSize(1, max, clock);
  }

  /** Always allows the same number of batches. */
  public static GroupSize fixed(int size) {
    return new GroupSize(size, size, Clock.systemUTC());
  }

  int max() {
    return max;
  }

  public synchronized int now() {
    return now;
  }

  /** Returns the time at which a group begins. */
  Instant begin() {
    return clock.instant();
  }

  /** Notes that a group was written without a failure. */
  synchronized void written(int batches, Instant began) {
    if (Duration.between(began, clock.instant()).compareTo(LONG) > 0) {
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
