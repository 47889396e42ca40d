package io.tradesync.internal.run;

import static java.util.Objects.requireNonNullElse;

import io.tradesync.InvalidSettingException;
import io.tradesync.RunOptions;
import io.tradesync.internal.compare.ComparisonPart;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.run.StopSignal.StoppedException;
import io.tradesync.internal.thread.LogFields;
import io.tradesync.internal.work.Content;
import io.tradesync.internal.work.Task;
import io.tradesync.internal.work.UnitResult;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkOutcome;
import io.tradesync.spi.WorkUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Carries out units for the coordinator of a run, which may be in another process: the worker's
 * side. Thread-safe.
 */
public final class UnitWork {

  private static final Logger LOG = LoggerFactory.getLogger(UnitWork.class);

  private final RunContext context;
  private final BooleanSupplier closed;
  private final RunLimits limits;

  /**
   * @param closed whether the engine was closed
   */
  public UnitWork(RunContext context, BooleanSupplier closed) {
    this.context = context;
    this.closed = closed;
    this.limits = new RunLimits(RunOptions.DEFAULT, context.settings().clock());
  }

  /** Carries out a unit. Every failure is an outcome. */
  public WorkOutcome carryOut(WorkOrder order, WorkUnit unit) {
    MDC.put(LogFields.RUN_ID, order.runId());
    try {
      UnitResult result = result(order, unit);
      String failure = result.failure() == null ? "" : FailureText.reason(result.failure());
      if (!failure.isEmpty()) {
        LOG.warn("run {}: unit {} failed: {}", order.runId(), unit.number(), failure);
      }
      return new WorkOutcome(
          WorkOrder.VERSION, unit.number(), result.trades(), failure, Content.write(result));
    } finally {
      MDC.remove(LogFields.RUN_ID);
    }
  }

  private UnitResult result(WorkOrder order, WorkUnit unit) {
    if (order.version() != WorkOrder.VERSION) {
      return new UnitResult.Failed(
          new InvalidSettingException(
              "version",
              order.version(),
              "of a work order must be that of the worker, " + WorkOrder.VERSION));
    }
    StopSignal stop = new StopSignal(limits);
    try {
      context.distribution().settings().check(order.settings());
      Task task = Content.read(Task.class, order.content());
      try (LeaseWatch watch = new LeaseWatch(context, task.lease().token(), closed, stop)) {
        return carryOut(task, unit, watch, stop);
      }
    } catch (RuntimeException e) {
      return new UnitResult.Failed(e);
    } finally {
      stop.restoreInterrupt();
    }
  }

  private UnitResult carryOut(Task task, WorkUnit unit, LeaseWatch watch, StopSignal stop) {
    if (task instanceof Task.Compare compare) {
      return compare(compare, Content.read(ComparisonPart.class, unit.content()), watch);
    }
    Task.Pieces pieces = Content.read(Task.Pieces.class, unit.content());
    return repair((Task.Repair) task, pieces, watch, stop);
  }

  private UnitResult compare(Task.Compare task, ComparisonPart part, LeaseWatch watch) {
    try {
      return new UnitResult.Compared(
          context.only(task.lease().selection()).scans().findings(task.terms(), part, watch));
    } catch (StoppedException e) {
      return new UnitResult.Stopped();
    } catch (RuntimeException e) {
      return new UnitResult.Failed(requireNonNullElse(watch.failure(), e));
    }
  }

  private UnitResult repair(
      Task.Repair task, Task.Pieces pieces, LeaseWatch watch, StopSignal stop) {
    RunContext selected = context.only(task.lease().selection());
    UnitProgress progress = new UnitProgress();
    RepairPass pass = new RepairPass(selected, task, stop, watch, limits, progress);
    boolean stopped = false;
    @Nullable RuntimeException failure = null;
    try {
      watch.throwIfStopped();
      pass.repair(pieces.ranges());
    } catch (StoppedException e) {
      stopped = true;
      failure = watch.failure();
    } catch (RuntimeException e) {
      failure = requireNonNullElse(watch.failure(), e);
    }
    return progress.result(pass.left(), stopped, failure);
  }
}
