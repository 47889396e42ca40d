package io.tradesync.internal.run;

import io.tradesync.SyncListener;
import io.tradesync.internal.batch.BatchWriter;
import io.tradesync.internal.gap.GapKind;
import io.tradesync.spi.ClaimMode;
import io.tradesync.spi.LogEntries;
import io.tradesync.spi.SyncLog;
import io.tradesync.spi.TradeSource;
import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What all runs of an engine share.
 *
 * @param source the source, with retries
 * @param entries the log's entries, with retries
 * @param log the log
 * @param writer writes batches
 * @param repaired which kinds of gap a run repairs
 * @param repairMode how far a run may go against what the log holds
 * @param batchSize trades a batch
 * @param parallelism batches at a time
 * @param leaseTtl how long a lease outlives its holder
 * @param listener is told
 * @param runIds makes ids of runs
 */
public record RunSettings(
    TradeSource source,
    LogEntries entries,
    SyncLog log,
    BatchWriter writer,
    Predicate<GapKind> repaired,
    ClaimMode repairMode,
    int batchSize,
    int parallelism,
    Duration leaseTtl,
    SyncListener listener,
    Supplier<String> runIds) {}
