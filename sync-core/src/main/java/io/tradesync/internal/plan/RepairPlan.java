package io.tradesync.internal.plan;

import io.tradesync.internal.compare.PlannedRange;
import java.util.List;
import java.util.Optional;

/**
 * What a run will do. Immutable.
 *
 * @param ranges the ranges with repairs due, in key order
 * @param choice which trades of the ranges are repaired
 * @param heldBack the retractions that the guard held back
 * @param left gaps that were found and are not repaired: within their grace period, parked, held
 *     back, or of a kind that the sink does not support
 * @param leavesUnverified whether there were too many gaps to remember one by one
 * @param settlement what is verified once the repairs are made
 */
public record RepairPlan(
    List<PlannedRange> ranges,
    RepairReader.Choice choice,
    Optional<HeldBack> heldBack,
    long left,
    boolean leavesUnverified,
    Settlement settlement) {

  public RepairPlan {
    ranges = List.copyOf(ranges);
  }

  /** The number of planned repairs. */
  public long total() {
    return ranges.stream().mapToLong(PlannedRange::repairs).sum();
  }
}
