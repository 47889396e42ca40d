package io.tradesync.internal.run;

import io.tradesync.internal.thread.StopCheck;

/** Says whether a run was asked to stop: by a call of cancel, or by an interrupt of its thread. */
final class StopSignal implements StopCheck {

  /** Ends a run that was cancelled. */
  static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
      super("stopped", null, false, false);
    }
  }

  private volatile boolean cancelled;
  private volatile boolean interrupted;

  void cancel() {
    cancelled = true;
  }

  boolean isCancelled() {
    return cancelled;
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
    if (cancelled) {
      throw new StoppedException();
    }
  }
}
