package io.tradesync.internal.run;

import io.tradesync.BatchProgress;
import io.tradesync.TradeKey;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.write.BatchOutcome;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Where a run stands. Thread-safe: workers report here as their batches finish. */
final class RunCounters {

  private final String runId;
  private final int batchSize;
  private long total;
  private long processed;
  private long errors;
  private long batches;
  private long nextInOrder;
  private @Nullable TradeKey through;
  private final NavigableMap<Long, TradeKey> finishedAhead = new TreeMap<>();

  RunCounters(String runId, int batchSize, long total) {
    this.runId = runId;
    this.batchSize = batchSize;
    this.total = total;
  }

  /**
   * Counts a finished batch.
   *
   * @param number the batch's place in key order, from 0
   * @param last the last key of it
   * @param outcome what became of its trades
   * @return where the run stands now
   */
  synchronized BatchProgress finished(long number, TradeKey last, BatchOutcome outcome) {
    batches++;
    processed += outcome.written().size() + outcome.known().size();
    errors += outcome.failed().size();
    total -= outcome.disputed().size();
    finishedAhead.put(number, last);
    while (!finishedAhead.isEmpty() && finishedAhead.firstKey() == nextInOrder) {
      through = finishedAhead.pollFirstEntry().getValue();
      nextInOrder++;
    }
    return progress();
  }

  /**
   * Settles a stretch that was read to its end with what was found there at first: trades that left
   * the source leave the total, those that another path finished count as processed, and those that
   * came are part of this run.
   *
   * @param planned the stretch as it was planned
   * @param repairs how many trades were to be repaired when it was read
   * @param trades how many trades the source had there when it was read
   */
  synchronized void settle(PlannedRange planned, long repairs, long trades) {
    long fewer = planned.repairs() - repairs;
    if (fewer < 0) {
      total -= fewer;
    } else {
      long left = Math.min(fewer, Math.max(0, planned.trades() - trades));
      total -= left;
      processed += fewer - left;
    }
  }

  synchronized BatchProgress progress() {
    long whole = (total + batchSize - 1) / batchSize;
    return new BatchProgress(runId, batches, Math.max(batches, whole), processed, errors, total);
  }

  synchronized @Nullable TradeKey through() {
    return through;
  }
}
