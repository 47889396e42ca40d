package io.tradesync.internal.run;

import io.tradesync.FailedTrade;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.plan.LeftSubRanges;
import io.tradesync.internal.work.UnitResult;
import io.tradesync.internal.work.UnitResult.Repaired;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts what a worker does in one unit. Thread-safe. */
final class UnitProgress implements RepairProgress {

  private final List<UnitResult.Read> read = new ArrayList<>();
  private final List<FailedTrade> marked = new ArrayList<>();
  private UnitResult.Counts counts = UnitResult.Counts.NONE;

  @Override
  public synchronized void read(PlannedRange planned, long repairs, long trades) {
    read.add(new UnitResult.Read(repairs, trades));
  }

  @Override
  public synchronized void finished(RepairStep step) {
    counts = counts.plus(step.counts());
    step.marked().stream()
        .limit(Math.max(0, Repaired.MAX_MARKED - marked.size()))
        .forEach(marked::add);
  }

  synchronized Repaired result(LeftSubRanges left, boolean stopped, @Nullable Throwable failure) {
    return new Repaired(counts, marked, read, left.starts().orElse(null), stopped, failure);
  }
}
