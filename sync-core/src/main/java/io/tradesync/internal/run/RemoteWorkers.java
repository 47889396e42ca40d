package io.tradesync.internal.run;

import io.tradesync.RunOptions;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.plan.LeftSubRanges;
import io.tradesync.internal.plan.RepairPlan;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.work.Coordinator;
import io.tradesync.internal.work.RepairUnits;
import io.tradesync.internal.work.Task;
import io.tradesync.internal.work.UnitResult;
import io.tradesync.internal.write.WriteContext;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Has the planned ranges of a run repaired by workers on other machines. Used once, by one thread.
 */
final class RemoteWorkers {

  private final RunContext context;
  private final Coordinator coordinator;
  private final WriteContext writing;
  private final StopCheck stopCheck;
  private final RunReport report;

  RemoteWorkers(
      RunContext context,
      Coordinator coordinator,
      WriteContext writing,
      StopCheck stopCheck,
      RunReport report) {
    this.context = context;
    this.coordinator = coordinator;
    this.writing = writing;
    this.stopCheck = stopCheck;
    this.report = report;
  }

  /** Whether a plan is worth being handed out. The pace of a run is kept in one place. */
  static boolean isWorthwhile(RepairPlan plan, Coordinator coordinator, RunOptions options) {
    return plan.total() >= coordinator.tradesBeforeParts()
        && options.maxTradesPerSecond().isEmpty();
  }

  /**
   * Repairs the ranges, and returns where a gap may be left. It is enough to ask one of several
   * workers that carried out a unit: what is final is the same for all, what one of them wrote is
   * known to the others, and the mark of a trade that failed is not settled.
   *
   * @throws RuntimeException the failure of a unit; the others were asked to stop
   */
  LeftSubRanges repair(RepairPlan plan) {
    List<Task.Pieces> units =
        RepairUnits.of(
            plan.ranges(),
            coordinator.maxParts(),
            Math.max(context.settings().batchSize(), coordinator.tradesPerPart()),
            range ->
                Stream.of(context.source().first(range), context.log().entries().first(range))
                    .flatMap(Optional::stream)
                    .min(TradeKey::compareTo));
    Task.Repair task =
        new Task.Repair(
            coordinator.lease(),
            writing.mode(),
            writing.scope(),
            plan.choice().repaired(),
            plan.choice().everything(),
            plan.choice().orphans().terms(),
            plan.choice().keptBelow());
    ReadRanges read = new ReadRanges(plan.ranges(), units);
    LeftSubRanges left = new LeftSubRanges();
    report.distributed();
    coordinator.repair(
        task,
        units,
        stopCheck,
        (unit, result) -> {
          // What another worker wrote first corrects the counts before listeners see them.
          read.add(units.get(unit), result);
          Optional.ofNullable(result.left()).ifPresentOrElse(left::addStarts, left::addAnywhere);
          report.unitFinished(unit, units.get(unit), result);
        });
    return left;
  }

  /** Puts together what several units read of one planned range. */
  private final class ReadRanges {
    private final List<PlannedRange> planned;
    private final int[] missing;
    private final long[] repairs;
    private final long[] trades;

    ReadRanges(List<PlannedRange> planned, List<Task.Pieces> units) {
      this.planned = planned;
      this.missing = new int[planned.size()];
      this.repairs = new long[planned.size()];
      this.trades = new long[planned.size()];
      units.forEach(unit -> unit.pieces().forEach(piece -> missing[piece.of()]++));
    }

    void add(Task.Pieces unit, UnitResult.Repaired result) {
      for (int i = 0; i < result.read().size(); i++) {
        int range = unit.pieces().get(i).of();
        repairs[range] += result.read().get(i).repairs();
        trades[range] += result.read().get(i).trades();
        if (--missing[range] == 0) {
          report.read(planned.get(range), repairs[range], trades[range]);
        }
      }
    }
  }
}
