package io.tradesync.spi.log;

import io.tradesync.Keyed;
import io.tradesync.TradeKey;

/**
 * A trade that could not be processed, or rows of the source that are no trade.
 *
 * @param key the trade
 * @param fingerprint the fingerprint of the content that failed, or {@link #RETRACTION}; of
 *     unreadable rows, the sum of their hashes
 * @param reason why, without secrets
 * @param ofData whether the trade itself was the cause, and not the connection to a side
 * @param unreadableRows how many rows the source has at the key, if they cannot be read as one
 *     trade; 0 if processing a trade failed
 */
public record TradeFailure(
    TradeKey key, long fingerprint, String reason, boolean ofData, int unreadableRows)
    implements Keyed {

  /** Takes the place of the content of a trade that was to be retracted. */
  public static final long RETRACTION = 0;

  /** The processing of a trade failed. */
  public TradeFailure(TradeKey key, long fingerprint, String reason, boolean ofData) {
    this(key, fingerprint, reason, ofData, 0);
  }

  /** Returns whether the source's rows at the key are no trade. */
  public boolean isUnreadable() {
    return unreadableRows > 0;
  }
}
