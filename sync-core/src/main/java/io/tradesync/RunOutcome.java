package io.tradesync;

/** How a run stands or ended. */
public enum RunOutcome {
  /** Under way, or its process died and nobody has noticed yet. */
  RUNNING,
  /** Carried out to its end; single trades may have failed. */
  COMPLETED,
  /** Could not be carried out: a side was not available. */
  FAILED,
  /** Stopped at a batch border because somebody asked for it. */
  CANCELLED,
  /** Its process died; closed by a later run. */
  ABORTED
}
