package io.tradesync.internal.compare;

/** Which of the failures that the log knows a comparison lists by key. The others it counts. */
public enum ListedErrors {
  /** None: only their number is of interest. */
  NONE,
  /** Those that a run tries again. */
  RETRIABLE,
  /** All of them, for a report. */
  ALL;

  /**
   * Returns whether the failures of a bucket are listed.
   *
   * @param retriable how many of them are not parked
   */
  boolean areListed(long retriable) {
    return this == ALL || (this == RETRIABLE && retriable > 0);
  }
}
