package io.tradesync.internal.run;

import io.tradesync.FailedTrade;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.plan.LeftSubRanges;
import io.tradesync.internal.work.UnitResult;
import io.tradesync.internal.work.UnitResult.Repaired;
import io.tradesync.internal.write.Batch;
import io.tradesync.internal.write.BatchOutcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts what a worker does in one unit. Thread-safe. */
final class UnitProgress implements RepairProgress {

  private final List<UnitResult.Read> read = new ArrayList<>();
  private final List<FailedTrade> marked = new ArrayList<>();
  private long batches;
  private long written;
  private long known;
  private long failed;
  private long disputed;

  @Override
  public synchronized void read(PlannedRange planned, long repairs, long trades) {
    read.add(new UnitResult.Read(repairs, trades));
  }

  @Override
  public synchronized void batchFinished(Batch batch, BatchOutcome outcome) {
    batches++;
    written += outcome.written().size();
    known += outcome.known().size();
    failed += outcome.failed().size();
    disputed += outcome.disputed().size();
    outcome.marked().stream()
        .limit(Math.max(0, Repaired.MAX_MARKED - marked.size()))
        .forEach(marked::add);
  }

  synchronized Repaired result(LeftSubRanges left, boolean stopped, @Nullable Throwable failure) {
    UnitResult.Counts counts = new UnitResult.Counts(batches, written, known, failed, disputed);
    return new Repaired(counts, marked, read, left.starts().orElse(null), stopped, failure);
  }
}
