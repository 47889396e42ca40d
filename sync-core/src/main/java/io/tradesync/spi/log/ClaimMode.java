package io.tradesync.spi.log;

/** How far a claim may go against what the log holds already. */
public enum ClaimMode {
  /**
   * Only trades that the log does not hold, or holds as failed, and only such that are not final
   * yet: nobody compared their content with the source, and what is old may have moved since.
   */
  NEW,
  /**
   * Also trades that the log holds with other content or as retracted, and final ones: a range of
   * the source was just read.
   */
  REPAIR,
  /** Also trades whose id the log holds at another key: the source was just asked by id. */
  CONFIRMED,
  /** As {@link #REPAIR}, and trades that the log holds as processed with the same content. */
  FORCE
}
