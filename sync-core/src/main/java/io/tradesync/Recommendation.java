package io.tradesync;

/** What a look at the health suggests to do. */
public enum Recommendation {
  /** Nothing: both sides hold the same trades. */
  HEALTHY,
  /** Run a sync when convenient. */
  SYNC_RECOMMENDED,
  /** The lag has reached the limit set for it: run a sync now. */
  IMMEDIATE_SYNC_REQUIRED
}
