package io.tradesync;

import java.time.Instant;

/**
 * A trade whose processing failed.
 *
 * @param key the trade
 * @param reason why it failed, without secrets
 * @param attempts in how many runs it failed
 * @param failedAt when it failed last, by the store's clock
 * @param runId the run in which it failed last; empty for the live path
 */
public record FailedTrade(
    TradeKey key, String reason, int attempts, Instant failedAt, String runId) {}
