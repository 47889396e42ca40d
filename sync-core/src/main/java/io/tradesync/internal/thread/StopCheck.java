package io.tradesync.internal.thread;

/** Asks, between two steps of work, whether the work must end now. */
@FunctionalInterface
public interface StopCheck {

  /** Never ends the work. */
  StopCheck NEVER = () -> {};

  /** Throws if the work was cancelled or its lease was lost; the exception ends the work. */
  void throwIfStopped();
}
