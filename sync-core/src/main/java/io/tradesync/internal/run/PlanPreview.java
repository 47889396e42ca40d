package io.tradesync.internal.run;

import io.tradesync.ForcedTrades;
import io.tradesync.KeyRange;
import io.tradesync.RunOptions;
import io.tradesync.SyncPlan;
import io.tradesync.internal.compare.Findings;
import io.tradesync.internal.compare.OrphanPolicy;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.compare.Scan;
import io.tradesync.internal.compare.SourceCounter;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.Finality;

/**
 * Compares as a run does, but records nothing. So it cannot tell which orphans are due: the time at
 * which a trade was first seen gone is recorded by runs only.
 *
 * @param context what runs work with
 * @param scope which trades count
 */
record PlanPreview(RunContext context, KeyRange scope) {

  /** Compares both sides; see {@link io.tradesync.SyncEngine#plan(io.tradesync.RunOptions)}. */
  SyncPlan compute(RunOptions options) {
    return options
        .forced()
        .map(this::force)
        .orElseGet(
            () -> {
              Findings findings =
                  compare(context.scans().scan(scope, Finality.none(), options.compareAll()));
              return plan(
                  findings,
                  findings.plannedRanges().all().stream().mapToLong(PlannedRange::writes).sum());
            });
  }

  private SyncPlan force(ForcedTrades forced) {
    RunContext selected = context.only(forced.selection());
    Scan scan = context.scans().scanAll(scope.intersect(forced.range()));
    Findings findings = compare(scan);
    return plan(
        findings,
        forced.selection().isAll()
            ? findings.trades()
            : SourceCounter.count(selected.source(), scan.whole(), StopCheck.NEVER));
  }

  private Findings compare(Scan scan) {
    return scan.compare(context.scans().repaired(), OrphanPolicy.countOnly(), StopCheck.NEVER)
        .findings();
  }

  private SyncPlan plan(Findings findings, long writes) {
    long batchSize = context.settings().batchSize();
    return new SyncPlan(
        findings.counts(),
        writes,
        (writes + batchSize - 1) / batchSize,
        findings.gapRanges().describe(context.source(), context.log().entries()),
        findings.gapRanges().isComplete());
  }
}
