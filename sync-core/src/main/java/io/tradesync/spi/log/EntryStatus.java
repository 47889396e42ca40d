package io.tradesync.spi.log;

/** What the log knows of a trade. */
public enum EntryStatus {
  /** The trade is in the store. */
  PROCESSED,
  /** The trade's processing failed; it is not in the store. */
  ERROR,
  /** The trade was in the store and was taken out because the source dropped it. */
  RETRACTED
}
