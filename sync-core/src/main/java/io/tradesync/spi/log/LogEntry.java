package io.tradesync.spi.log;

import io.tradesync.TradeKey;
import org.jspecify.annotations.Nullable;

/**
 * What the log holds of one trade.
 *
 * @param key the trade
 * @param status what became of it
 * @param fingerprint the fingerprint of the content that was processed; if none was, of the content
 *     that failed last
 * @param parked the content that failed so often that runs leave it alone, as in {@link
 *     TradeFailure#fingerprint()}; null if the trade is not parked
 */
public record LogEntry(TradeKey key, EntryStatus status, long fingerprint, @Nullable Long parked) {

  /**
   * Returns whether runs leave the trade alone.
   *
   * @param content the fingerprint of the content to be written, or {@link TradeFailure#RETRACTION}
   */
  public boolean isParked(long content) {
    return parked != null && parked == content;
  }
}
