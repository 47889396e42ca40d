package io.tradesync.spi.log;

import io.tradesync.TradeKey;

/**
 * A trade that could not be processed.
 *
 * @param key the trade
 * @param fingerprint the fingerprint of the content that failed, or {@link #RETRACTION}
 * @param reason why, without secrets
 * @param ofData whether the trade itself was the cause, and not the connection to a side
 */
public record TradeFailure(TradeKey key, long fingerprint, String reason, boolean ofData) {

  /** Takes the place of the content of a trade that was to be retracted. */
  public static final long RETRACTION = 0;
}
