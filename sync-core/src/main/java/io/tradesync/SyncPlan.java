package io.tradesync;

import java.util.List;

/**
 * What a run or a force would do if it began now. Immutable.
 *
 * @param gaps the differences by kind; a run retracts the orphaned ones whose grace period is over.
 *     For a force, those in its span of time, of all chains and pools in scope
 * @param writes how many trades a run would write: gaps of the other kinds, except parked trades
 *     and what the sink cannot write. For a force, all trades that it would write again
 * @param batches into how many batches the writes would be cut
 * @param ranges where the gaps are, in key order; at most {@link AuditReport#MAX_RANGES}
 * @param complete whether all ranges are listed
 */
public record SyncPlan(
    GapCounts gaps, long writes, long batches, List<GapRange> ranges, boolean complete) {

  public SyncPlan {
    ranges = List.copyOf(ranges);
  }
}
