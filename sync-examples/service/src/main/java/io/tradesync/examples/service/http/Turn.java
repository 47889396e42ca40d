package io.tradesync.examples.service.http;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lets one caller at a time compare both sides: a flood of calls takes one connection of those that
 * health has. Who waits too long is asked to try again. Thread-safe.
 */
final class Turn {

  private static final Duration MAX_WAIT = Duration.ofSeconds(12);

  private final Semaphore place = new Semaphore(1, true);
  private final String what;

  /**
   * @param what what is computed, in the plural
   */
  Turn(String what) {
    this.what = what;
  }

  /** Waits for the turn, and computes. */
  <T> T take(Supplier<T> computation) {
    await();
    try {
      return computation.get();
    } finally {
      place.release();
    }
  }

  private void await() {
    try {
      if (!place.tryAcquire(MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new Problem(503, "other " + what + " are being computed; try again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Problem(503, "the service is stopping");
    }
  }
}
