package io.tradesync.spi;

import io.tradesync.TradeKey;

/**
 * A trade that could not be processed.
 *
 * @param key the trade
 * @param fingerprint the content that failed; 0 where a retraction failed
 * @param reason why, without secrets
 */
public record TradeFailure(TradeKey key, long fingerprint, String reason) {}
