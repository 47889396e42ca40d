package io.tradesync.spi.log;

import io.tradesync.RunOutcome;
import io.tradesync.TradeKey;
import org.jspecify.annotations.Nullable;

/**
 * Where a run stands, or how it ended.
 *
 * @param outcome how it stands or ended
 * @param processed trades processed so far
 * @param errors trades that failed so far
 * @param total trades to process, as known
 * @param through every batch up to this key was committed or marked; null before the first one
 * @param message how it ended, in words; null while it is under way
 */
public record RunState(
    RunOutcome outcome,
    long processed,
    long errors,
    long total,
    @Nullable TradeKey through,
    @Nullable String message) {}
