package io.tradesync;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a comparison of everything in scope found.
 *
 * @param runId the audit's id in the run history
 * @param gaps how many trades differ, by kind; {@code error} includes {@code withoutTimestamp}
 * @param ranges where they are, in key order; at most {@link #MAX_RANGES}
 * @param complete whether {@code ranges} holds all of them
 * @param withoutTimestamp rows of the source that have no key, since their timestamp is null: no
 *     run can process them, and no range holds them; null if the source could not count them in
 *     time
 * @param belowRetention what differs below the retention boundary, which no run repairs; null if
 *     there is no boundary
 * @param store what differs between the log and what the sink holds; null if the sink offers no
 *     digests, the log no snapshots, or the names of the trades' attributes are not known: then
 *     only the source and the log were compared
 * @param duration how long it took
 */
public record AuditReport(
    String runId,
    GapCounts gaps,
    List<GapRange> ranges,
    boolean complete,
    @Nullable Long withoutTimestamp,
    @Nullable BelowRetention belowRetention,
    @Nullable StoreDifferences store,
    Duration duration) {

  /** How many ranges a report lists at most. */
  public static final int MAX_RANGES = 10_000;

  /** Copies the ranges. */
  public AuditReport {
    Objects.requireNonNull(runId, "runId");
    Objects.requireNonNull(gaps, "gaps");
    ranges = List.copyOf(ranges);
    Objects.requireNonNull(duration, "duration");
  }
}
