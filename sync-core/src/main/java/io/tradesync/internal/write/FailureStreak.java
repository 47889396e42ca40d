package io.tradesync.internal.write;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the batches of a run that failed on the network one after the other. Thread-safe. */
public final class FailureStreak {

  private final AtomicInteger failedInARow = new AtomicInteger();

  /** Starts with none. */
  FailureStreak() {}

  void succeeded() {
    failedInARow.set(0);
  }

  /** Returns how many in a row it were, this one included. */
  int failed() {
    return failedInARow.incrementAndGet();
  }
}
