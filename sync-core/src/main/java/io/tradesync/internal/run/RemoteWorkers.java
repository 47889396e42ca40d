package io.tradesync.internal.run;

import io.tradesync.TradeKey;
import io.tradesync.internal.compare.PartSizes;
import io.tradesync.internal.compare.PartWorkers;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.plan.LeftSubRanges;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.work.Coordinator;
import io.tradesync.internal.work.RepairUnits;
import io.tradesync.internal.work.Task;
import io.tradesync.internal.work.UnitResult;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Other machines. What is small is done by this process. Used by one thread; another one may
 * interrupt it.
 */
final class RemoteWorkers implements UnitWorkers {

  private final RunContext context;
  private final Coordinator coordinator;
  private final StopCheck stopCheck;
  private final RunLimits limits;
  private final UnitWorkers local;

  /**
   * @param local repairs what is not handed out
   */
  RemoteWorkers(
      RunContext context,
      Coordinator coordinator,
      StopCheck stopCheck,
      RunLimits limits,
      UnitWorkers local) {
    this.context = context;
    this.coordinator = coordinator;
    this.stopCheck = stopCheck;
    this.limits = limits;
    this.local = local;
  }

  @Override
  public PartWorkers comparison() {
    return coordinator;
  }

  /**
   * See {@link UnitWorkers#repair}. It is enough to ask one of several workers that carried out a
   * unit where it left a gap: what is final is the same for all, what one of them wrote is known to
   * the others, and the mark of a trade that failed is not settled.
   */
  @Override
  public LeftSubRanges repair(
      Task.Repair task, List<PlannedRange> ranges, RepairProgress progress) {
    if (!isWorthwhile(ranges)) {
      return local.repair(task, ranges, progress);
    }
    List<Task.Pieces> units = units(ranges);
    ReadRanges read = new ReadRanges(ranges, units, progress);
    LeftSubRanges left = new LeftSubRanges();
    coordinator.repair(
        task,
        units,
        stopCheck,
        (number, result) -> {
          Task.Pieces unit = units.get(number);
          // What another worker wrote first corrects the counts before listeners see them.
          read.add(unit, result);
          Optional.ofNullable(result.left()).ifPresentOrElse(left::addStarts, left::addAnywhere);
          progress.finished(RepairStep.of(number, unit, result));
        });
    return left;
  }

  /** Whether repairs are worth being handed out. The pace of a run is kept in one place. */
  private boolean isWorthwhile(List<PlannedRange> ranges) {
    return !limits.hasRate()
        && ranges.stream().mapToLong(PlannedRange::repairs).sum()
            >= coordinator.sizes().tradesBeforeParts();
  }

  private List<Task.Pieces> units(List<PlannedRange> ranges) {
    PartSizes sizes = coordinator.sizes();
    return RepairUnits.of(
        ranges,
        sizes.maxParts(),
        Math.max(context.settings().batchSize(), sizes.tradesPerPart()),
        range ->
            Stream.of(context.source().first(range), context.log().entries().first(range))
                .flatMap(Optional::stream)
                .min(TradeKey::compareTo));
  }

  @Override
  public void interrupt() {
    coordinator.interrupt();
    local.interrupt();
  }

  /** Puts together what several units read of one planned range. */
  private static final class ReadRanges {
    private final List<PlannedRange> planned;
    private final RepairProgress progress;
    private final int[] missing;
    private final long[] repairs;
    private final long[] trades;

    ReadRanges(List<PlannedRange> planned, List<Task.Pieces> units, RepairProgress progress) {
      this.planned = planned;
      this.progress = progress;
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
          progress.read(planned.get(range), repairs[range], trades[range]);
        }
      }
    }
  }
}
