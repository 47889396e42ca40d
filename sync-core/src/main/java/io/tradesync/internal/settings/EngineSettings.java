package io.tradesync.internal.settings;

import io.tradesync.Scope;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The settings of one engine, as its builder copied and checked them.
 *
 * @param scope which trades count
 * @param batchSize trades in a batch
 * @param groupCommit trades that may share a transaction
 * @param parallelism groups that a run writes at the same time
 * @param maxAttempts attempts in all before a batch or a request counts as failed
 * @param maxFailedBatches batches in a row that fail as a whole and end a run
 * @param parkAfter failed runs after which a trade is parked
 * @param retryDelay the pause before the second attempt
 * @param hintOverlap how far before a hinted second the source is read
 * @param immediateSyncLag the lag from which a sync is required at once
 * @param leaseTtl how long a lease outlives a holder that died
 * @param orphanGrace how long a trade must be gone before it is retracted
 * @param retractFinal whether final trades that vanished are retracted
 * @param confirmation the age at which a trade is final if the source does not say so
 * @param auditInterval the pause between two audits of the automatic recovery
 * @param sinkTimeout how long one call of the sink may take
 * @param compareAllUpTo number of trades up to which every scan compares everything
 * @param comparisonParallelism parts of a long range that are compared at the same time
 * @param recordBeforeWrite whether the log records what a sink is given before it is written
 * @param clock tells the age of trades
 * @param runIds creates the ids of runs
 */
public record EngineSettings(
    Scope scope,
    int batchSize,
    int groupCommit,
    int parallelism,
    int maxAttempts,
    int maxFailedBatches,
    int parkAfter,
    Duration retryDelay,
    Duration hintOverlap,
    Duration immediateSyncLag,
    Duration leaseTtl,
    Duration orphanGrace,
    boolean retractFinal,
    Duration confirmation,
    Duration auditInterval,
    Duration sinkTimeout,
    long compareAllUpTo,
    int comparisonParallelism,
    boolean recordBeforeWrite,
    Clock clock,
    Supplier<String> runIds) {}
