package io.tradesync.spi.log;

import io.tradesync.TradeKey;

/**
 * A trade that could not be processed.
 *
 * @param key the trade
 * @param fingerprint the fingerprint of the content that failed, or {@link #RETRACTION}
 * @param reason why, without secrets
 * @param ofData whether the trade's own content was the cause, and not the way to a side
 */
public record TradeFailure(TradeKey key, long fingerprint, String reason, boolean ofData) {

  /** Stands for the content of a trade that was to be retracted. */
  public static final long RETRACTION = 0;
}
