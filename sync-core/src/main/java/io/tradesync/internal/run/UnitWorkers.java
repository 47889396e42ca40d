package io.tradesync.internal.run;

import io.tradesync.internal.compare.PartWorkers;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.plan.LeftSubRanges;
import io.tradesync.internal.work.Task;
import java.util.List;

/** Carries out the work of one run: on threads of this process, or on other machines. */
interface UnitWorkers {

  /** Compares the parts of long ranges. */
  PartWorkers comparison();

  /**
   * Repairs ranges, in one unit or several. Used once.
   *
   * @param ranges the ranges in key order
   * @param progress hears how it goes on
   * @return where a gap may be left
   * @throws StopSignal.StoppedException if the run was stopped before the last batch began
   * @throws RuntimeException the failure that ended a unit, and the run with it
   */
  LeftSubRanges repair(Task.Repair task, List<PlannedRange> ranges, RepairProgress progress);

  /** Interrupts what waits or writes in this process. */
  void interrupt();
}
