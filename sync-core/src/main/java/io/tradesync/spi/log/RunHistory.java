package io.tradesync.spi.log;

import io.tradesync.ForcedTrades;
import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.SyncRun;
import io.tradesync.TradeKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Records what each run was, what it did, and how it ended. Used by many threads at once. */
public interface RunHistory {

  /** The message of a run that is closed as aborted. */
  String ABORTED_MESSAGE =
      "Sync aborted, its process died or lost the lease; counted is what was noted last";

  /**
   * Records that a run begins now, by the log's clock. The run holds its lease when it calls this.
   *
   * <p>Other runs of the service that needed the same lease and have not ended are closed as {@link
   * RunOutcome#ABORTED}, with the counts that they recorded last: their processes died or lost the
   * lease. Does nothing if the run is recorded already: the answer to the first request was lost.
   *
   * @param runId the run
   * @param kind what it was asked to do
   * @param host the machine and process that it runs on
   * @param forced for a force, which trades are written again; else null
   */
  void begin(String runId, RunKind kind, String host, @Nullable ForcedTrades forced);

  /**
   * Records how far a run has come. When the outcome is no longer {@link RunOutcome#RUNNING}, the
   * run ends now, by the log's clock. A run that was closed already stays closed unless the state
   * says how it ended.
   */
  void update(String runId, RunState state);

  /** Returns one run; empty if the log does not know it. */
  Optional<SyncRun> find(String runId);

  /**
   * Returns the latest runs, the one that began last first.
   *
   * @param limit the largest number of runs to return; at least 1
   */
  List<SyncRun> latest(int limit);

  /**
   * Returns the runs that follow another one in the order of {@link #latest}. By default reads the
   * whole history.
   *
   * @param limit the largest number of runs to return; at least 1
   * @return none if the log does not know the run
   */
  default List<SyncRun> following(String runId, int limit) {
    return latest(Integer.MAX_VALUE).stream()
        .dropWhile(run -> !run.id().equals(runId))
        .skip(1)
        .limit(limit)
        .toList();
  }

  /**
   * Returns the aborted force that should be resumed: one that no later force that {@linkplain
   * ForcedTrades#covers covers} it has completed or been cancelled; of several, the one that came
   * furthest.
   *
   * <p>By default reads the whole history, once at the beginning of each run.
   */
  default Optional<SyncRun> abortedForce() {
    List<SyncRun> later = new ArrayList<>();
    List<SyncRun> open = new ArrayList<>();
    for (SyncRun run : latest(Integer.MAX_VALUE)) {
      ForcedTrades forced = run.forced();
      if (forced == null) {
        continue;
      }
      if (run.outcome() == RunOutcome.ABORTED
          && later.stream().noneMatch(force -> hasFinished(force, forced))) {
        open.add(run);
      }
      later.add(run);
    }
    return open.stream().max(Comparator.comparing(RunHistory::cameTo));
  }

  private static boolean hasFinished(SyncRun force, ForcedTrades earlier) {
    return (force.outcome() == RunOutcome.COMPLETED || force.outcome() == RunOutcome.CANCELLED)
        && Objects.requireNonNull(force.forced()).covers(earlier);
  }

  private static TradeKey cameTo(SyncRun force) {
    TradeKey through = force.through();
    return through != null ? through : Objects.requireNonNull(force.forced()).range().after();
  }
}
