package io.tradesync.redis.internal.consume;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Holds a consumer's threads back while the consumer is paused or closed. Thread-safe. */
public final class PauseControl {

  private int delivering;
  private boolean paused;
  private boolean closed;

  /** Begins a delivery, unless paused or closed; each one must be ended by {@link #end}. */
  synchronized boolean begin() {
    if (!isOpen()) {
      return false;
    }
    delivering++;
    return true;
  }

  synchronized void end() {
    delivering--;
    notifyAll();
  }

  /** Allows no further delivery to begin. */
  public synchronized void pause() {
    paused = true;
  }

  /** Waits until no delivery is under way. */
  public synchronized void awaitDeliveries() {
    try {
      while (delivering > 0) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public synchronized void resume() {
    paused = false;
    notifyAll();
  }

  public synchronized boolean isPaused() {
    return paused;
  }

  synchronized boolean isOpen() {
    return !paused && !closed;
  }

  /** Allows no delivery any more. */
  public synchronized void close() {
    closed = true;
    notifyAll();
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  /** Waits for the end of a pause. */
  synchronized void awaitOpen() {
    try {
      while (paused && !closed) {
        wait();
      }
    } catch (InterruptedException e) {
      // Only a close ends the threads that wait here; they look for it themselves.
    }
  }

  /** Waits for a time, or until the consumer is closed. */
  synchronized void rest(Duration time) {
    long nanos = time.toNanos();
    long deadline = System.nanoTime() + nanos;
    try {
      for (long left = nanos; left > 0 && !closed; left = deadline - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException e) {
      // Only a close ends the threads that wait here; they look for it themselves.
    }
  }
}
