package io.tradesync.spi.log;

/** How far a claim may go against what the log holds already. */
public enum ClaimMode {
  /**
   * Claims trades that the log does not hold, or holds as failed, and that are not final yet. Their
   * content was not compared with the source, and an old trade may have moved since.
   */
  NEW,
  /**
   * Also claims trades that the log holds with other content or as retracted, and final trades: a
   * range of the source was just read.
   */
  REPAIR,
  /**
   * As {@link #REPAIR}; also claims trades whose id the log holds at another key: the source was
   * just asked by id.
   */
  CONFIRMED,
  /** As {@link #REPAIR}; also claims trades that the log holds as processed with equal content. */
  FORCE
}
