package io.tradesync;

import java.time.Duration;

/**
 * What a run did. At its end {@code processed + errors = total}, unless it was stopped.
 *
 * @param outcome how it ended
 * @param success false if the run could not be carried out to its end; trades that failed one by
 *     one do not make it false
 * @param message the outcome in words
 * @param processed trades that are processed now, also where another path finished them meanwhile
 * @param errors trades that failed and are marked so
 * @param total trades that were to be processed
 * @param duration how long the run took
 * @param runId the run's id in the run history
 */
public record SyncResult(
    RunOutcome outcome,
    boolean success,
    String message,
    long processed,
    long errors,
    long total,
    Duration duration,
    String runId) {}
