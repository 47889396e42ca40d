package io.tradesync.spi.log;

import io.tradesync.RunOutcome;
import io.tradesync.SyncRun;
import io.tradesync.TradeKey;
import java.time.Instant;
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
    @Nullable String message) {

  /** Returns the state of a run that is closed because its process died or lost the lease. */
  public static RunState aborted(SyncRun run) {
    return new RunState(
        RunOutcome.ABORTED,
        run.processed(),
        run.errors(),
        run.total(),
        run.through(),
        RunHistory.ABORTED_MESSAGE);
  }

  /** Returns what the history records of a run after it reported this state. */
  public SyncRun recordedIn(SyncRun run, Instant now) {
    boolean isUnderWay = outcome == RunOutcome.RUNNING;
    return isUnderWay && run.outcome() != RunOutcome.RUNNING
        ? run
        : new SyncRun(
            run.id(),
            run.kind(),
            outcome,
            run.startedAt(),
            isUnderWay ? null : now,
            run.host(),
            processed,
            errors,
            total,
            run.forced(),
            through,
            message,
            now);
  }
}
