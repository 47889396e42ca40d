package io.tradesync.internal.run;

import io.tradesync.FailedTrade;
import io.tradesync.TradeKey;
import io.tradesync.internal.work.Task;
import io.tradesync.internal.work.UnitResult;
import io.tradesync.internal.work.UnitResult.Counts;
import io.tradesync.internal.write.Batch;
import io.tradesync.internal.write.BatchOutcome;
import java.util.List;

/**
 * A step of the repairs of a run has ended: a batch of this process, or a unit of another machine.
 *
 * @param number the place of the step, from 0 in key order
 * @param first the first key of the step
 * @param last the last key of the step
 * @param counts what became of its repairs
 * @param marked failed trades that were marked
 * @param isFinished whether nothing is left to do up to its last key
 */
record RepairStep(
    long number,
    TradeKey first,
    TradeKey last,
    Counts counts,
    List<FailedTrade> marked,
    boolean isFinished) {

  static RepairStep of(Batch batch, BatchOutcome outcome) {
    Counts counts =
        new Counts(
            1,
            outcome.written().size(),
            outcome.known().size(),
            outcome.failed().size(),
            outcome.disputed().size());
    return new RepairStep(
        batch.number(), batch.firstKey(), batch.lastKey(), counts, outcome.marked(), true);
  }

  static RepairStep of(int number, Task.Pieces unit, UnitResult.Repaired result) {
    return new RepairStep(
        number, unit.from(), unit.through(), result.counts(), result.marked(), result.isFinished());
  }
}
