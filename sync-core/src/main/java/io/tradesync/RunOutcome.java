package io.tradesync;

/** The state of a run, or how it ended. */
public enum RunOutcome {
  /** Under way, or its process died and no later run has begun yet. */
  RUNNING,
  /** Reached its end; single trades may have failed. */
  COMPLETED,
  /** Did not reach its end, for instance because a side was not available. */
  FAILED,
  /** Stopped at a batch boundary, because a caller asked for it or its time was over. */
  CANCELLED,
  /**
   * Its process died, and a later run closed it; or it resumed a force until the time of its run
   * was over. A force is resumed by a later run.
   */
  ABORTED
}
