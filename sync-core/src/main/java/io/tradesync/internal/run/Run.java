package io.tradesync.internal.run;

import static java.util.Objects.requireNonNull;

import io.tradesync.ForcedTrades;
import io.tradesync.KeyRange;
import io.tradesync.RunKind;
import io.tradesync.RunOptions;
import io.tradesync.RunOutcome;
import io.tradesync.RunProgress;
import io.tradesync.SyncResult;
import io.tradesync.SyncRun;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import io.tradesync.TradesyncException;
import io.tradesync.internal.compare.StoreReconciliation;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.plan.LeftSubRanges;
import io.tradesync.internal.plan.RepairPlan;
import io.tradesync.internal.plan.RepairPlanner;
import io.tradesync.internal.plan.RepairReader;
import io.tradesync.internal.run.StopSignal.StoppedException;
import io.tradesync.internal.thread.LogFields;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.work.Task;
import io.tradesync.internal.write.WriteContext;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.LeaseKind;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** One run or force, from the lease to the result. Used once; other threads may stop it. */
final class Run {

  private static final Logger LOG = LoggerFactory.getLogger(Run.class);

  // So that the first deletion from a large log does not hold up the run.
  private static final int MAX_DELETIONS = 20;

  private final RunContext context;
  private final KeyRange scope;
  private final RunOptions options;
  private final TradeKey resumedAfter;
  private final boolean isResumed;
  private final String runId;
  private final RunReport report;
  private final RunLimits limits;
  private final StopSignal stop;
  private long candlesLeft;
  private volatile @Nullable LeaseHeartbeat lease;
  private volatile @Nullable UnitWorkers workers;
  private volatile boolean workersInterrupted;

  Run(RunContext context, KeyRange scope, RunOptions options, RunLimits limits) {
    this(context, scope, options, limits, Optional.empty());
  }

  /**
   * Creates a run.
   *
   * @param aborted the force that is resumed after its last committed key; empty for another run
   */
  Run(
      RunContext context,
      KeyRange scope,
      RunOptions options,
      RunLimits limits,
      Optional<SyncRun> aborted) {
    this.context =
        context.only(options.forced().map(ForcedTrades::selection).orElse(TradeSelection.ALL));
    this.scope = scope;
    this.options = options;
    this.limits = limits;
    this.stop = new StopSignal(limits);
    this.resumedAfter = aborted.map(SyncRun::through).orElse(TradeKey.MIN);
    this.isResumed = aborted.isPresent();
    this.runId = context.settings().runIds().get();
    this.report = new RunReport(context, runId, options.kind());
  }

  String id() {
    return runId;
  }

  RunProgress progress() {
    return report.progress();
  }

  /**
   * Acquires the run lease; called before {@link #execute}.
   *
   * @throws io.tradesync.SyncAlreadyRunningException if another run holds the lease
   * @throws io.tradesync.SideUnavailableException if the store cannot be asked for the lease
   */
  void acquireLease() {
    lease =
        LeaseHeartbeat.acquire(
            context.log().lease(),
            LeaseKind.RUN,
            runId,
            context.settings().leaseTtl(),
            this::cancel);
  }

  /** Carries the run out, and returns what it did, also if it could not reach its end. */
  SyncResult execute() {
    MDC.put(LogFields.RUN_ID, runId);
    try (LeaseHeartbeat held = requireNonNull(lease)) {
      report.started(options);
      return carryOut(held);
    } finally {
      MDC.remove(LogFields.RUN_ID);
      stop.restoreInterrupt();
    }
  }

  private SyncResult carryOut(LeaseHeartbeat held) {
    try {
      return completed(work(held));
    } catch (StoppedException e) {
      stop.noticeInterrupt();
      return cancelled();
    } catch (RuntimeException | Error e) {
      stop.noticeInterrupt();
      return stop.wasInterrupted() || workersInterrupted ? cancelled() : failed(e);
    }
  }

  private RepairPlan work(LeaseHeartbeat held) {
    StopCheck stopCheck =
        () -> {
          stop.throwIfStopped();
          held.throwIfLost();
        };
    context.checkScope();
    context
        .store()
        .map(view -> new StoreReconciliation(view, held.token(), runId, stopCheck))
        .ifPresent(reconciliation -> reconciliation.reconcile(scope));
    UnitWorkers started = workers(held, stopCheck);
    workers = started;
    RepairPlanner planner =
        new RepairPlanner(
            context.scans().with(started.comparison()), held.token(), scope, options, stopCheck);
    RepairPlan plan =
        options
            .forced()
            .map(forced -> planner.planForce(forced.range(), resumedAfter))
            .orElseGet(planner::planRun);
    report.planned(plan.total());

    ClaimMode mode = options.kind() == RunKind.FORCE ? ClaimMode.FORCE : ClaimMode.REPAIR;
    LeftSubRanges left = started.repair(task(held, mode, plan), plan.ranges(), report);

    stop.noticeInterrupt();
    WriteContext writing = context.writing(held.token(), mode, scope, stop);
    candlesLeft = context.writer().deferred().complete(writing, stopCheck);
    planner.verifyRepairs(plan, left);
    deleteOldEntries();
    stop.noticeInterrupt();
    return plan;
  }

  /** What carries the run out: other machines if there are any, or threads of this process. */
  private UnitWorkers workers(LeaseHeartbeat held, StopCheck stopCheck) {
    UnitWorkers local = new LocalWorkers(context, stop, stopCheck, limits);
    return context
        .coordinator(held)
        .<UnitWorkers>map(
            coordinator -> new RemoteWorkers(context, coordinator, stopCheck, limits, local))
        .orElse(local);
  }

  private Task.Repair task(LeaseHeartbeat held, ClaimMode mode, RepairPlan plan) {
    RepairReader.Choice choice = plan.choice();
    return new Task.Repair(
        context.distribution().lease(held.token()),
        mode,
        scope,
        choice.repaired(),
        choice.everything(),
        choice.orphans().terms(),
        choice.keptBelow());
  }

  /**
   * Lets the log delete what it need not keep. The next run goes on if there is more. A run that is
   * asked to stop here has done its work and is complete.
   */
  private void deleteOldEntries() {
    boolean more = true;
    for (int i = 0; i < MAX_DELETIONS && more && !stop.isCancelled(); i++) {
      try {
        more = context.log().scope().deleteOldEntries();
      } catch (RuntimeException e) {
        LOG.warn(
            "run {}: old entries of the log were not deleted: {}", runId, FailureText.reason(e));
        return;
      }
    }
  }

  private SyncResult completed(RepairPlan plan) {
    String message =
        (report.progress().errors() == 0 ? "Sync completed" : "Sync completed with errors")
            + report.processedOfTotal()
            + plan.heldBack().map(heldBack -> "; " + heldBack.message()).orElse("")
            + (candlesLeft == 0 ? "" : "; " + candlesLeft + " candles still to be recomputed");
    boolean forced = options.kind() == RunKind.FORCE;
    boolean success = plan.heldBack().isEmpty() && !(forced && candlesLeft > 0);
    return report.completed(success, message, plan.left() + candlesLeft);
  }

  private SyncResult cancelled() {
    if (!stop.tookTooLong()) {
      return report.ended(
          RunOutcome.CANCELLED, false, "Sync cancelled" + report.processedOfTotal());
    }
    // So that a run with little time does not end a force that it only resumed.
    return isResumed
        ? report.ended(
            RunOutcome.ABORTED,
            false,
            "Sync ended, "
                + limits.reached()
                + "; resumed by a later run"
                + report.processedOfTotal())
        : report.ended(
            RunOutcome.CANCELLED,
            false,
            "Sync cancelled, " + limits.reached() + report.processedOfTotal());
  }

  private SyncResult failed(Throwable failure) {
    String message = "Sync stopped, " + FailureText.runEnd(failure) + report.processedOfTotal();
    LOG.error("run {}: {}", runId, message, failure instanceof TradesyncException ? null : failure);
    return report.failed(failure, message);
  }

  void cancel() {
    stop.cancel();
  }

  /** Interrupts the batches under way; their transactions roll back, and the run is cancelled. */
  void interruptWorkers() {
    workersInterrupted = true;
    UnitWorkers started = workers;
    if (started != null) {
      started.interrupt();
    }
  }

  /**
   * Gives the run up: its lease is no longer renewed, so that it ends by itself. Returns what is
   * reported of the run instead of its result.
   */
  SyncResult abandon() {
    LeaseHeartbeat held = lease;
    if (held != null) {
      held.stopBeating();
    }
    String message = "Sync cancelled" + report.processedOfTotal() + "; it did not end in time";
    return report.result(RunOutcome.CANCELLED, false, message).build();
  }
}
