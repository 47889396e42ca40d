package io.tradesync.spi.log;

import io.tradesync.RunOutcome;
import io.tradesync.TradeKey;
import org.jspecify.annotations.Nullable;

/**
 * How far a run has come, or how it ended.
 *
 * @param outcome {@link RunOutcome#RUNNING} while the run is under way
 * @param processed how many trades the run has processed
 * @param errors how many trades have failed
 * @param total how many trades there are to process, as known
 * @param through every batch up to this key was committed or marked; null before the first one
 * @param message how the run ended, in words; null while it is under way
 */
public record RunState(
    RunOutcome outcome,
    long processed,
    long errors,
    long total,
    @Nullable TradeKey through,
    @Nullable String message) {}
