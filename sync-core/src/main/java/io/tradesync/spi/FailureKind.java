package io.tradesync.spi;

/** What can be done about a failure. */
public enum FailureKind {
  /**
   * The way to a side: a broken connection, a timeout. Tried again; if it stays, the side is
   * probed, and where it answers the batch is marked as failed, else the run ends.
   */
  NETWORK,
  /**
   * A passing state of a side: a deadlock, a serialization failure, a lock not had in time. Tried
   * again; if it stays, treated as {@link #NETWORK}.
   */
  TRANSIENT,
  /**
   * The content of a trade: a constraint, a value out of range. Trying again does not help; the
   * batch is halved until the bad trade stands alone.
   */
  DATA,
  /** Anything else. Tried again; if it stays, treated as {@link #DATA}. */
  UNKNOWN
}
