package io.tradesync.spi.log;

import io.tradesync.RunKind;
import io.tradesync.SyncRun;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The audit trail: what each run was, did, and how it ended. */
public interface RunHistory {

  /** What is recorded as the message of a run that is closed as aborted. */
  String ABORTED_MESSAGE =
      "Sync aborted, its process died or lost the lease; counted is what was noted last";

  /**
   * Records that a run begins now, by the log's clock; called when it holds its lease. Runs of the
   * service that needed the same lease and have not ended are closed as {@link
   * io.tradesync.RunOutcome#ABORTED}, with what was recorded of them last: their processes died, or
   * lost the lease. Does nothing if the run is recorded already: the answer to the first request
   * was lost on the way.
   *
   * @param runId the run
   * @param kind what it was asked to do
   * @param host the machine and process that it runs on
   * @param forcedAfterEpochSecond for a force, the time after which trades are processed anew; else
   *     null
   */
  void begin(String runId, RunKind kind, String host, @Nullable Long forcedAfterEpochSecond);

  /**
   * Records where a run stands. Once the outcome is not {@link io.tradesync.RunOutcome#RUNNING} any
   * more, the run ends now, by the log's clock. A run that was closed already stays so unless this
   * says how it ended.
   *
   * @param runId the run
   * @param state where it stands
   */
  void update(String runId, RunState state);

  /**
   * Reads one run.
   *
   * @param runId the run
   * @return the run, or empty if the log does not know it
   */
  Optional<SyncRun> find(String runId);

  /**
   * Reads the latest runs.
   *
   * @param limit how many at most; at least 1
   * @return the runs, the one that began last first
   */
  List<SyncRun> latest(int limit);

  /**
   * Finds a force that was closed as aborted, and that no later force has finished or was cancelled
   * in the place of: one that goes at least as far back.
   *
   * @return the force that is to be taken up; of several, the one that came furthest
   */
  Optional<SyncRun> abortedForce();
}
