package io.tradesync.internal.run;

import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.write.Batch;
import io.tradesync.internal.write.BatchOutcome;

/** Hears how a repair pass goes on. Called by several threads. */
interface RepairProgress {

  /**
   * A range was read to its end. The ranges come in key order.
   *
   * @param repairs how many repairs were due when it was read
   * @param trades how many trades the source had there then
   */
  void read(PlannedRange planned, long repairs, long trades);

  /** A batch was committed, or its failures were marked. */
  void batchFinished(Batch batch, BatchOutcome outcome);
}
