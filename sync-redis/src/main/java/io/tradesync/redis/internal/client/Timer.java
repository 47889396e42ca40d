package io.tradesync.redis.internal.client;

import java.time.Duration;

/** Says when something is due. Used by one thread. */
public final class Timer {

  private boolean running;
  private long dueNanos;

  private Timer(boolean running) {
    this.running = running;
    this.dueNanos = System.nanoTime();
  }

  /** A timer that is due at once. */
  public static Timer due() {
    return new Timer(true);
  }

  /** A timer that is not due until it is restarted. */
  public static Timer stopped() {
    return new Timer(false);
  }

  /** A timer that is due after a time. */
  public static Timer after(Duration delay) {
    Timer timer = stopped();
    timer.restart(delay);
    return timer;
  }

  public void restart(Duration delay) {
    running = true;
    dueNanos = System.nanoTime() + delay.toNanos();
  }

  public void stop() {
    running = false;
  }

  public boolean isDue() {
    return running && System.nanoTime() - dueNanos >= 0;
  }

  /** The time until this is due, or the limit if that is shorter. */
  public Duration left(Duration limit) {
    if (!running) {
      return limit;
    }
    Duration left = Duration.ofNanos(Math.max(0, dueNanos - System.nanoTime()));
    return left.compareTo(limit) < 0 ? left : limit;
  }
}
