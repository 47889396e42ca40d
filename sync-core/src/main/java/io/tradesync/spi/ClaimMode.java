package io.tradesync.spi;

/** How far a claim may go against what the log holds already. */
public enum ClaimMode {
  /**
   * Only trades that the log does not hold, or holds as failed. For trades whose content nobody
   * compared with the source just now, and for sinks that can only insert.
   */
  NEW,
  /**
   * Also trades that the log holds with other content or as retracted: the source was just read.
   */
  REPAIR,
  /** Also trades that the log holds as processed with the same content. */
  FORCE
}
