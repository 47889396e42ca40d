package io.tradesync;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run in the run history.
 *
 * @param id the run's id
 * @param kind what the run was asked to do
 * @param outcome its state, or how it ended
 * @param startedAt when it began, by the store's clock
 * @param endedAt when it ended, null while it is under way
 * @param host the machine that it ran on
 * @param processed trades processed so far, or in all
 * @param errors trades that failed so far, or in all
 * @param total trades to process, as known
 * @param forced for a force, which trades are written again; else null
 * @param through every batch up to this key was committed or marked; null before the first one
 * @param message how it ended, in words; null while it is under way
 * @param asOf when the figures were recorded, by the store's clock; while the run is under way they
 *     are of that moment
 */
public record SyncRun(
    String id,
    RunKind kind,
    RunOutcome outcome,
    Instant startedAt,
    @Nullable Instant endedAt,
    String host,
    long processed,
    long errors,
    long total,
    @Nullable ForcedTrades forced,
    @Nullable TradeKey through,
    @Nullable String message,
    Instant asOf) {}
