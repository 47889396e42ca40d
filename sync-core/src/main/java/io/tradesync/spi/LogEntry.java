package io.tradesync.spi;

import io.tradesync.TradeKey;

/**
 * What the log holds of one trade.
 *
 * @param key the trade
 * @param status what is known of it
 * @param fingerprint the fingerprint of the content that was processed, or that failed last
 */
public record LogEntry(TradeKey key, EntryStatus status, long fingerprint) {}
