package io.tradesync.spi;

/** What can be done about a failure. */
public enum FailureKind {
  /**
   * The network or a side failed: a broken connection, a timeout. The call is tried again. If the
   * failure stays, both sides are probed: if they answer, the batch is marked as failed, otherwise
   * the run ends.
   */
  NETWORK,
  /**
   * A side failed in a way that passes: a deadlock, a serialization failure, a lock that could not
   * be had in time. Treated as {@link #NETWORK}.
   */
  TRANSIENT,
  /**
   * The content of a trade is the cause: a constraint, a value out of range. The call is not tried
   * again. The batch is halved until the bad trade is alone.
   */
  DATA,
  /**
   * A setting of the sink or of its store is wrong, so that no batch can be written. A sink gives
   * this kind to an {@link io.tradesync.InvalidSettingException} of its own: the run then ends with
   * it, and marks nothing. An {@code InvalidSettingException} of another kind, such as one that a
   * builder threw for a value of a trade, is a failure of its batch.
   */
  SETTING,
  /**
   * Anything else. The call is tried again; if the failure stays, it is treated as {@link #DATA}.
   */
  UNKNOWN
}
