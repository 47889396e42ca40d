package io.tradesync.internal.plan;

/**
 * The retractions that a run held back because the source has lost too much.
 *
 * @param retractions the number of retractions that were due
 * @param gone the number of processed entries that the source no longer has at any key
 * @param processed the number of processed entries in scope
 */
public record HeldBack(long retractions, long gone, long processed) {

  /** The reason for the run's message. */
  public String message() {
    return retractions
        + " retractions held back, since the source has lost "
        + gone
        + " of "
        + processed
        + " processed trades; allow a mass retraction if that is right";
  }
}
