package io.tradesync.internal.run;

import io.tradesync.BatchProgress;
import io.tradesync.RunKind;
import io.tradesync.RunOptions;
import io.tradesync.RunOutcome;
import io.tradesync.RunProgress;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.thread.Threads;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunState;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Reports a run to the run history, to the listeners and to the log file. Thread-safe. */
final class RunReport implements RepairProgress {

  static final String HOST = ManagementFactory.getRuntimeMXBean().getName();

  private static final Logger LOG = LoggerFactory.getLogger(RunReport.class);
  private static final long HISTORY_PAUSE_NANOS = 1_000_000_000;

  private final String runId;
  private final RunKind kind;
  private final RunHistory history;
  private final SyncListener listener;
  private final RunCounters counters;
  private final ProgressLog progressLog = new ProgressLog(System::nanoTime, LOG::info, LOG::debug);
  private final long began = System.nanoTime();
  private long recordedAt = began;

  RunReport(RunContext context, String runId, RunKind kind) {
    this.runId = runId;
    this.kind = kind;
    this.history = context.log().history();
    this.listener = context.listener();
    this.counters = new RunCounters(runId, context.settings().batchSize());
  }

  void started(RunOptions options) {
    history.begin(runId, kind, HOST, options.forced().orElse(null));
    listener.runStarted(runId, kind);
  }

  void planned(long total) {
    counters.planned(total);
    LOG.atLevel(total == 0 ? Level.DEBUG : Level.INFO)
        .log("run {} ({}): {} trades to process", runId, kind, total);
    listener.runPlanned(runId, total);
  }

  @Override
  public void read(PlannedRange planned, long repairs, long trades) {
    counters.read(planned, repairs, trades);
  }

  // Workers finish steps at the same time; listeners hear of one after the other.
  @Override
  public synchronized void finished(RepairStep step) {
    BatchProgress progress = counters.finished(step);
    progressLog.batchFinished(progress.run());
    if (!step.marked().isEmpty()) {
      listener.tradesFailed(step.marked());
    }
    listener.batchFinished(progress);
    if (System.nanoTime() - recordedAt > HISTORY_PAUSE_NANOS) {
      record(RunOutcome.RUNNING, null);
      recordedAt = System.nanoTime();
    }
  }

  SyncResult ended(RunOutcome outcome, boolean success, String message) {
    return ended(result(outcome, success, message).build());
  }

  /**
   * The run was carried out to its end.
   *
   * @param left gaps that were found and were not to be repaired
   */
  SyncResult completed(boolean success, String message, long left) {
    boolean complete = success && left == 0 && counters.disputed() == 0 && progress().errors() == 0;
    return ended(result(RunOutcome.COMPLETED, success, message).complete(complete).build());
  }

  SyncResult failed(Throwable failure, String message) {
    return ended(result(RunOutcome.FAILED, false, message).failure(failure).build());
  }

  private synchronized SyncResult ended(SyncResult result) {
    progressLog.ended();
    record(result.outcome(), result.message());
    // An automatic recovery that finds nothing to do would fill the log file.
    LOG.atLevel(result.total() == 0 && result.success() ? Level.DEBUG : Level.INFO)
        .log("run {} ended after {} ms: {}", runId, result.duration().toMillis(), result.message());
    listener.runEnded(result);
    return result;
  }

  SyncResult.Builder result(RunOutcome outcome, boolean success, String message) {
    return SyncResult.builder(outcome, message, progress())
        .success(success)
        .duration(Duration.ofNanos(System.nanoTime() - began));
  }

  private void record(RunOutcome outcome, @Nullable String message) {
    RunProgress at = progress();
    RunState state =
        new RunState(outcome, at.processed(), at.errors(), at.total(), counters.through(), message);
    try {
      Threads.despiteInterrupt(() -> history.update(runId, state));
    } catch (RuntimeException e) {
      LOG.warn("run {} could not be recorded in the run history: {}", runId, FailureText.reason(e));
    }
  }

  RunProgress progress() {
    return counters.progress();
  }

  /** How many of the trades are processed, as the end of a message. */
  String processedOfTotal() {
    RunProgress at = progress();
    return ": " + at.processed() + "/" + at.total() + " trades processed";
  }
}
