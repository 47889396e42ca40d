package io.tradesync.internal.run;

import io.tradesync.GapPage;
import io.tradesync.KeyRange;
import io.tradesync.RunOptions;
import io.tradesync.SyncHealth;
import io.tradesync.SyncPlan;
import io.tradesync.Timeline;
import io.tradesync.internal.compare.GapListing;
import io.tradesync.internal.compare.TimelineComparison;
import io.tradesync.internal.thread.SharedComputation;

/**
 * Looks at both sides and changes nothing. Thread-safe.
 *
 * @param context the sides, with the connections of health
 * @param scope which trades count
 * @param health computes health for all its callers
 */
public record Inspection(
    RunContext context, ScopeRange scope, SharedComputation<SyncHealth> health) {

  /** See {@link io.tradesync.SyncEngine#timeline}. */
  public Timeline timeline(KeyRange range, int maxBuckets) {
    return new TimelineComparison(context.scans(), scope.get()).compare(range, maxBuckets);
  }

  /** See {@link io.tradesync.SyncEngine#plan(RunOptions)}. */
  public SyncPlan plan(RunOptions options) {
    return new PlanPreview(context, scope.get()).compute(options);
  }

  /** See {@link io.tradesync.SyncEngine#gaps}. */
  public GapPage gaps(KeyRange range, int limit) {
    return GapListing.list(context.scans(), range.intersect(scope.get()), limit);
  }
}
