package io.tradesync.spi.log;

/** The status of a trade's entry in the log. */
public enum EntryStatus {
  /** The trade is in the store. */
  PROCESSED,
  /** Processing the trade failed; it is not in the store. */
  ERROR,
  /** The trade was in the store, and was removed because the source no longer has it there. */
  RETRACTED
}
