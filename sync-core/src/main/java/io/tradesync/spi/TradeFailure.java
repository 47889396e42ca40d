package io.tradesync.spi;

import io.tradesync.TradeKey;

/**
 * A trade that could not be processed.
 *
 * @param key the trade
 * @param fingerprint the content that failed; 0 where a retraction failed
 * @param reason why, without secrets
 * @param ofData whether the trade's own content was the cause, and not the way to a side
 */
public record TradeFailure(TradeKey key, long fingerprint, String reason, boolean ofData) {}
