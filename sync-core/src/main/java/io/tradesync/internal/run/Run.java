package io.tradesync.internal.run;

import io.tradesync.BatchProgress;
import io.tradesync.KeyRange;
import io.tradesync.RunKind;
import io.tradesync.RunOptions;
import io.tradesync.RunOutcome;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.plan.HeldBack;
import io.tradesync.internal.plan.RepairPlan;
import io.tradesync.internal.plan.RepairPlanner;
import io.tradesync.internal.plan.RepairReader;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.write.Batch;
import io.tradesync.internal.write.BatchOutcome;
import io.tradesync.internal.write.BatchWorkers;
import io.tradesync.internal.write.GroupSize;
import io.tradesync.internal.write.Repair;
import io.tradesync.internal.write.WriteContext;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.RunState;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** One run, from the lease to the result. Used once; only {@link #cancel} by other threads. */
public final class Run implements Cancellable {

  private static final Logger LOG = LoggerFactory.getLogger(Run.class);
  static final String HOST = ManagementFactory.getRuntimeMXBean().getName();
  private static final int READ_AHEAD = 1_000;
  private static final long NOTE_EVERY_NANOS = 1_000_000_000;

  private static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
      super("stopped", null, false, false);
    }
  }

  private final RunContext context;
  private final RunKind kind;
  private final KeyRange scope;
  private final RunOptions options;
  private final @Nullable Long forcedAfter;
  private final String runId;
  private final ClaimMode mode;
  private final Object progressOrder = new Object();

  private volatile boolean cancelled;
  private volatile boolean leftOut;
  private boolean interrupted;
  private @Nullable HeldBack heldBack;
  private RunCounters counters;
  private long batches;
  private long notedAt = System.nanoTime();

  /**
   * Makes a run.
   *
   * @param context what the run works with
   * @param scope which trades count
   * @param options what it does beyond closing the gaps that it sees
   * @param forcedAfter the time after which all trades are written anew, null to close gaps
   */
  public Run(RunContext context, KeyRange scope, RunOptions options, @Nullable Long forcedAfter) {
    this.context = context;
    this.scope = scope;
    this.options = options;
    this.forcedAfter = forcedAfter;
    this.kind = forcedAfter == null ? RunKind.RUN : RunKind.FORCE;
    this.mode = forcedAfter == null ? ClaimMode.REPAIR : ClaimMode.FORCE;
    this.runId = context.settings().runIds().get();
    this.counters = new RunCounters(runId, context.settings().batchSize(), 0);
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  /**
   * Carries the run out.
   *
   * @return what it did, also where it could not be carried out to its end
   * @throws io.tradesync.SyncAlreadyRunningException if another run holds the lease
   * @throws io.tradesync.SideUnavailableException if the log could not be asked for the lease
   */
  public SyncResult execute() {
    long began = System.nanoTime();
    FencingToken fence =
        context.log().lease().acquire(LeaseKind.RUN, runId, context.settings().leaseTtl());
    try (LeaseHeartbeat heartbeat =
        new LeaseHeartbeat(context.log().lease(), fence, context.settings().leaseTtl())) {
      context.log().history().begin(runId, kind, HOST, forcedAfter);
      context.listener().runStarted(runId, kind);
      RunOutcome outcome;
      String message;
      try {
        work(fence, heartbeat);
        outcome = RunOutcome.COMPLETED;
        message = completed();
      } catch (StoppedException e) {
        outcome = RunOutcome.CANCELLED;
        message = "Sync cancelled" + soFar();
      } catch (RuntimeException | Error e) {
        noticeInterrupt();
        outcome = interrupted ? RunOutcome.CANCELLED : RunOutcome.FAILED;
        message =
            interrupted
                ? "Sync cancelled" + soFar()
                : "Sync stopped, " + FailureText.runEnd(e) + soFar();
        LOG.error("run {}: {}", runId, message, e instanceof TradesyncException ? null : e);
      }
      noticeInterrupt();
      return end(outcome, message, Duration.ofNanos(System.nanoTime() - began));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void work(FencingToken fence, LeaseHeartbeat heartbeat) {
    WriteContext writeContext = WriteContext.ofRun(fence, mode, scope);
    StopCheck stopCheck = () -> stopIfAsked(heartbeat);
    RepairPlanner planner = new RepairPlanner(context.scans(), fence, scope, options, stopCheck);
    RepairPlan plan = forcedAfter == null ? planner.planRun() : planner.planForce(forcedAfter);
    heldBack = plan.heldBack().orElse(null);
    long total = plan.total();
    counters = new RunCounters(runId, context.settings().batchSize(), total);
    LOG.atLevel(total == 0 ? Level.DEBUG : Level.INFO)
        .log("run {} ({}): {} trades to process", runId, kind, total);
    context.listener().runPlanned(runId, total);
    GroupSize groupSize = GroupSize.growing(context.batchesPerGroup());
    try (BatchWorkers workers =
        new BatchWorkers(
            context.settings().parallelism(),
            groupSize,
            group -> write(group, writeContext, groupSize),
            runId)) {
      List<Repair> waiting = new ArrayList<>();
      int pageSize = Math.max(READ_AHEAD, context.settings().batchSize());
      for (List<PlannedRange> page : PlannedRange.pages(plan.ranges(), pageSize)) {
        read(page, pageSize, plan.choice(), waiting, workers, heartbeat);
      }
      if (!waiting.isEmpty()) {
        submit(waiting, workers);
      }
      workers.await();
    }
    if (leftOut) {
      throw new StoppedException();
    }
    noticeInterrupt();
    context.writer().completeDeferred(writeContext);
    planner.verifyRepairs(plan);
  }

  private void read(
      List<PlannedRange> planned,
      int pageSize,
      RepairReader.Choice choice,
      List<Repair> waiting,
      BatchWorkers workers,
      LeaseHeartbeat heartbeat) {
    List<KeyRange> ranges = planned.stream().map(PlannedRange::range).toList();
    RepairReader reader =
        new RepairReader(context.source(), context.log().entries(), choice, ranges, pageSize);
    long[] repairs = new long[ranges.size()];
    long[] trades = new long[ranges.size()];
    for (Optional<RepairReader.Page> page = reader.next(); page.isPresent(); page = reader.next()) {
      count(page.get().repairs(), Repair::key, ranges, repairs);
      count(page.get().trades(), Trade::key, ranges, trades);
      for (Repair repair : page.get().repairs()) {
        waiting.add(repair);
        if (waiting.size() == context.settings().batchSize()) {
          stopIfAsked(heartbeat);
          submit(waiting, workers);
          waiting.clear();
        }
      }
      if (!reader.isAtEnd()) {
        stopIfAsked(heartbeat);
      }
    }
    for (int i = 0; i < ranges.size(); i++) {
      counters.settle(planned.get(i), repairs[i], trades[i]);
    }
  }

  /** Counts how many of some that are in key order each range holds. */
  private static <T> void count(
      List<T> some, Function<T, TradeKey> key, List<KeyRange> ranges, long[] counts) {
    int place = 0;
    for (T each : some) {
      while (ranges.get(place).upTo().isBefore(key.apply(each))) {
        place++;
      }
      counts[place]++;
    }
  }

  private void submit(List<Repair> repairs, BatchWorkers workers) {
    try {
      workers.submit(new Batch(batches++, List.copyOf(repairs)));
    } catch (InterruptedException e) {
      interrupted = true;
      cancelled = true;
      throw new StoppedException();
    }
  }

  private void write(List<Batch> group, WriteContext writeContext, GroupSize groupSize) {
    if (!context.writer().write(group, writeContext, groupSize, () -> cancelled, this::finished)) {
      leftOut = true;
    }
  }

  private void stopIfAsked(LeaseHeartbeat heartbeat) {
    noticeInterrupt();
    if (cancelled) {
      throw new StoppedException();
    }
    heartbeat.check();
  }

  // Clears the flag until the end: drivers and pools refuse to work on an interrupted thread, and
  // the run has yet to be noted as ended and its lease to be given back.
  private void noticeInterrupt() {
    if (Thread.interrupted()) {
      interrupted = true;
      cancelled = true;
    }
  }

  private void finished(Batch batch, BatchOutcome outcome) {
    synchronized (progressOrder) {
      BatchProgress progress = counters.finished(batch.number(), batch.lastKey(), outcome);
      LOG.info("{}", progress.message());
      context.listener().batchFinished(progress);
      if (System.nanoTime() - notedAt > NOTE_EVERY_NANOS) {
        note(RunOutcome.RUNNING, null);
        notedAt = System.nanoTime();
      }
    }
  }

  private SyncResult end(RunOutcome outcome, String message, Duration duration) {
    BatchProgress at = counters.progress();
    SyncResult result =
        new SyncResult(
            outcome,
            outcome == RunOutcome.COMPLETED && heldBack == null,
            message,
            at.processed(),
            at.errors(),
            at.total(),
            duration,
            runId);
    note(outcome, message);
    // An automatic recovery that finds nothing to do would fill the log with that.
    LOG.atLevel(at.total() == 0 && result.success() ? Level.DEBUG : Level.INFO)
        .log("run {} ended after {} ms: {}", runId, duration.toMillis(), message);
    context.listener().runEnded(result);
    return result;
  }

  private void note(RunOutcome outcome, @Nullable String message) {
    BatchProgress at = counters.progress();
    RunState state =
        new RunState(outcome, at.processed(), at.errors(), at.total(), counters.through(), message);
    try {
      context.log().history().update(runId, state);
    } catch (RuntimeException e) {
      LOG.warn("run {} could not be noted in the audit trail: {}", runId, FailureText.reason(e));
    }
  }

  private String completed() {
    String completed =
        (counters.progress().errors() == 0 ? "Sync completed" : "Sync completed with errors")
            + soFar();
    return heldBack == null ? completed : completed + "; " + heldBack.message();
  }

  private String soFar() {
    BatchProgress at = counters.progress();
    return ": " + at.processed() + "/" + at.total() + " trades processed";
  }
}
