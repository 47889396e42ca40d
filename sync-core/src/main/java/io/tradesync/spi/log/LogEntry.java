package io.tradesync.spi.log;

import io.tradesync.TradeKey;
import org.jspecify.annotations.Nullable;

/**
 * What the log holds of one trade.
 *
 * @param key the trade
 * @param status what is known of it
 * @param fingerprint the fingerprint of the content that was processed, or that failed last where
 *     none was
 * @param parked what failed so often that runs leave it alone, as in {@link
 *     TradeFailure#fingerprint()}; null if nothing did
 */
public record LogEntry(TradeKey key, EntryStatus status, long fingerprint, @Nullable Long parked) {

  /**
   * Tells whether runs leave the trade alone, with what is now to be done.
   *
   * @param content the fingerprint of the content to be written, or {@link TradeFailure#RETRACTION}
   * @return whether that failed so often
   */
  public boolean isParked(long content) {
    return parked != null && parked == content;
  }
}
