package io.tradesync.internal.run;

import io.tradesync.KeyRange;
import io.tradesync.SyncPlan;
import io.tradesync.internal.compare.Findings;
import io.tradesync.internal.compare.OrphanPolicy;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.Finality;

/**
 * Compares as a run does, but records nothing. So it cannot tell which orphans are due: the time at
 * which a trade was first seen gone is recorded by runs only.
 *
 * @param context what runs work with
 * @param scope which trades count
 */
public record PlanPreview(RunContext context, KeyRange scope) {

  /** Compares both sides; see {@link io.tradesync.SyncEngine#plan}. */
  public SyncPlan compute() {
    Findings findings =
        context
            .scans()
            .scan(scope, Finality.none(), false)
            .compare(context.scans().repaired(), OrphanPolicy.countOnly(), StopCheck.NEVER)
            .findings();
    long writes = findings.plannedRanges().all().stream().mapToLong(PlannedRange::writes).sum();
    long batchSize = context.settings().batchSize();
    return new SyncPlan(
        findings.counts(),
        writes,
        (writes + batchSize - 1) / batchSize,
        findings.gapRanges().describe(context.source(), context.log().entries()),
        findings.gapRanges().isComplete());
  }
}
