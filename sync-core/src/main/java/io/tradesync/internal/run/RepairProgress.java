package io.tradesync.internal.run;

import io.tradesync.internal.compare.PlannedRange;

/** Hears how the repairs of a run or of a unit go on. Called by several threads. */
interface RepairProgress {

  /**
   * A range was read to its end. The ranges come in key order.
   *
   * @param repairs how many repairs were due when it was read
   * @param trades how many trades the source had there then
   */
  void read(PlannedRange planned, long repairs, long trades);

  /** A step has ended: what it could write is committed, and its failures are marked. */
  void finished(RepairStep step);
}
