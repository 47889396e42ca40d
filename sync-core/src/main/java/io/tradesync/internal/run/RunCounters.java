package io.tradesync.internal.run;

import io.tradesync.BatchProgress;
import io.tradesync.RunProgress;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.work.UnitResult.Counts;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts what a run has done. Thread-safe: workers report here. */
final class RunCounters {

  private final String runId;
  private final int batchSize;
  private long total;
  private long processed;
  private long errors;
  private long disputed;
  private long batches;
  private long nextInOrder;
  private @Nullable TradeKey through;
  private final NavigableMap<Long, TradeKey> finishedAhead = new TreeMap<>();

  RunCounters(String runId, int batchSize) {
    this.runId = runId;
    this.batchSize = batchSize;
  }

  synchronized void planned(long trades) {
    total = trades;
  }

  synchronized BatchProgress finished(RepairStep step) {
    Counts counts = step.counts();
    batches += counts.batches();
    processed += counts.written() + counts.known();
    errors += counts.failed();
    total -= counts.disputed();
    disputed += counts.disputed();
    if (step.isFinished()) {
      finishedAhead.put(step.number(), step.last());
      moveThrough();
    }
    return new BatchProgress(
        progress(), step.first(), step.last(), counts.written(), counts.known(), counts.failed());
  }

  private void moveThrough() {
    while (!finishedAhead.isEmpty() && finishedAhead.firstKey() == nextInOrder) {
      through = finishedAhead.pollFirstEntry().getValue();
      nextInOrder++;
    }
  }

  /** Returns how many trades were left as they are, since they contradict the log. */
  synchronized long disputed() {
    return disputed;
  }

  /**
   * Corrects the total after a range was read to its end. Trades that left the source leave the
   * total, trades that another path finished count as processed, and new trades join the run.
   *
   * @param planned the range as it was planned
   * @param repairs how many repairs were due when it was read
   * @param trades how many trades the source had there when it was read
   */
  synchronized void read(PlannedRange planned, long repairs, long trades) {
    long fewer = planned.repairs() - repairs;
    if (fewer < 0) {
      total -= fewer;
    } else {
      long left = Math.min(fewer, Math.max(0, planned.trades() - trades));
      total -= left;
      processed += fewer - left;
    }
  }

  synchronized RunProgress progress() {
    // What another path finished was in no batch, and not every batch is full. What a range had
    // beyond the plan joins the total when all units of the range have ended.
    long finished = processed + errors;
    long known = Math.max(total, finished);
    return new RunProgress(
        runId, batches, batches + batchesOf(known - finished), processed, errors, known);
  }

  private long batchesOf(long trades) {
    return (trades + batchSize - 1) / batchSize;
  }

  /** Returns the key up to which every step is finished; null before the first one. */
  synchronized @Nullable TradeKey through() {
    return through;
  }
}
