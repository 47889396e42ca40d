package io.tradesync.spi;

import io.tradesync.TradeKey;

/**
 * What the log holds of one trade.
 *
 * @param key the trade
 * @param status what is known of it
 * @param fingerprint the fingerprint of the content that was processed, or that failed last
 * @param parked whether it failed so often that runs leave it alone, as long as the source has that
 *     content
 */
public record LogEntry(TradeKey key, EntryStatus status, long fingerprint, boolean parked) {}
