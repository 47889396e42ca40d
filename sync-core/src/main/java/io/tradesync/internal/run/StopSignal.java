package io.tradesync.internal.run;

import io.tradesync.internal.thread.StopCheck;

/**
 * Says whether a run is to stop: by a call of cancel, by an interrupt of its thread, or because it
 * has taken as long as it may.
 */
final class StopSignal implements StopCheck {

  /** Ends a run that was cancelled. */
  static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
      super("stopped", null, false, false);
    }
  }

  private final RunLimits limits;
  private volatile boolean cancelled;
  private volatile boolean interrupted;
  private volatile boolean tookTooLong;

  StopSignal(RunLimits limits) {
    this.limits = limits;
  }

  void cancel() {
    cancelled = true;
  }

  boolean isCancelled() {
    if (!cancelled && limits.isOver()) {
      tookTooLong = true;
      cancelled = true;
    }
    return cancelled;
  }

  /** Whether the run stopped because it has taken as long as it may. */
  boolean tookTooLong() {
    return tookTooLong;
  }

  boolean wasInterrupted() {
    return interrupted;
  }

  void interrupted() {
    interrupted = true;
    cancelled = true;
  }

  /**
   * Takes note of an interrupt and clears the thread's flag until {@link #restoreInterrupt}:
   * drivers and pools refuse to work on an interrupted thread, and the run must still record its
   * end and release its lease.
   */
  void noticeInterrupt() {
    if (Thread.interrupted()) {
      interrupted();
    }
  }

  void restoreInterrupt() {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void throwIfStopped() {
    noticeInterrupt();
    if (isCancelled()) {
      throw new StoppedException();
    }
  }
}
