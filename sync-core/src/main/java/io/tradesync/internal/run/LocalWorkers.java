package io.tradesync.internal.run;

import io.tradesync.internal.compare.PartWorkers;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.plan.LeftSubRanges;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.work.Task;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Threads of this process. All repairs are one unit, so that batches are cut and numbered over the
 * whole sequence, and each of them is reported. Used by one thread; another one may interrupt it.
 */
final class LocalWorkers implements UnitWorkers {

  private final RunContext context;
  private final StopSignal stop;
  private final StopCheck stopCheck;
  private final RunLimits limits;
  private volatile @Nullable RepairPass pass;

  LocalWorkers(RunContext context, StopSignal stop, StopCheck stopCheck, RunLimits limits) {
    this.context = context;
    this.stop = stop;
    this.stopCheck = stopCheck;
    this.limits = limits;
  }

  @Override
  public PartWorkers comparison() {
    return context.comparisonThreads();
  }

  @Override
  public LeftSubRanges repair(
      Task.Repair task, List<PlannedRange> ranges, RepairProgress progress) {
    RepairPass unit = new RepairPass(context, task, stop, stopCheck, limits, progress);
    pass = unit;
    unit.repair(ranges);
    return unit.left();
  }

  @Override
  public void interrupt() {
    RepairPass unit = pass;
    if (unit != null) {
      unit.interruptWorkers();
    }
  }
}
