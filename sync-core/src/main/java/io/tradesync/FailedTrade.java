package io.tradesync;

import java.io.Serializable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A trade whose processing failed.
 *
 * @param key the trade
 * @param reason why it failed, without secrets
 * @param attempts in how many runs it failed
 * @param failedAt when it failed last, by the store's clock
 * @param runId the run in which it failed last; empty for the live path
 * @param parked whether it failed on its own content in so many runs that the next ones leave it
 *     alone, until it is released or has other content; see {@link SyncEngine#releaseParked}
 * @param accepted why somebody accepted this failure, so that it is no gap until it is released or
 *     the trade has other content; null if nobody did; see {@link SyncEngine#acceptFailures}
 */
public record FailedTrade(
    TradeKey key,
    String reason,
    int attempts,
    Instant failedAt,
    String runId,
    boolean parked,
    @Nullable String accepted)
    implements Serializable {}
