package io.tradesync.examples.service.http;

import io.tradesync.AuditReport;
import io.tradesync.GapCounts;
import io.tradesync.GapPosition;
import io.tradesync.GapRange;
import io.tradesync.StoreDifferences;
import io.tradesync.SyncPlan;
import io.tradesync.spi.OutsideRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What audits and plans answer: gaps, and where they are. */
final class GapAnswers {

  private GapAnswers() {}

  /** What an audit found; rows without a timestamp are no part of a range, and have a reason. */
  record Audit(
      String runId,
      GapCounts gaps,
      List<Range> ranges,
      boolean complete,
      long duration,
      @Nullable BelowRetention belowRetention,
      @Nullable Store store) {

    /**
     * @param outside the rows outside the key order that the audit recorded, or some of them
     */
    static Audit of(AuditReport report, List<OutsideRow> outside) {
      List<Range> ranges = new ArrayList<>();
      report.ranges().forEach(range -> ranges.add(Range.of(range)));
      Long counted = report.withoutTimestamp();
      if (counted == null) {
        ranges.add(Range.outside(0, "not counted in time"));
      } else if (counted > 0) {
        Map<String, Long> byReason = new TreeMap<>();
        outside.forEach(row -> byReason.merge(row.reason(), 1L, Long::sum));
        byReason.forEach((reason, rows) -> ranges.add(Range.outside(rows, reason)));
        if (counted > outside.size()) {
          ranges.add(Range.outside(counted - outside.size(), "outside the key order"));
        }
      }
      return new Audit(
          report.runId(),
          report.gaps(),
          ranges,
          report.complete(),
          report.duration().toMillis(),
          BelowRetention.of(report.belowRetention()),
          Store.of(report.store()));
    }
  }

  /** What differs between the log and the rows of trades and candles. */
  record Store(long differing, List<SubRange> ranges, boolean complete, long notJudged) {

    static @Nullable Store of(@Nullable StoreDifferences found) {
      return found == null
          ? null
          : new Store(
              found.differing(),
              found.ranges().stream()
                  .map(
                      range ->
                          new SubRange(range.fromEpochSecond(), range.trades(), range.candles()))
                  .toList(),
              found.complete(),
              found.notJudged());
    }
  }

  /** 300 seconds in which rows of trades or candles differ. */
  record SubRange(@AlsoAs("fromTime") long fromTimestamp, long trades, long candles) {}

  /** What differs below the retention boundary, where nothing is repaired. */
  record BelowRetention(
      @AlsoAs("retainedSinceTime") long retainedSince,
      GapCounts gaps,
      @AlsoAs("firstTime") @Nullable Long firstTimestamp,
      @AlsoAs("lastTime") @Nullable Long lastTimestamp) {

    static @Nullable BelowRetention of(io.tradesync.@Nullable BelowRetention below) {
      return below == null
          ? null
          : new BelowRetention(
              below.retainedSinceEpochSecond(),
              below.differences(),
              below.firstEpochSecond(),
              below.lastEpochSecond());
    }
  }

  record Range(
      String kind,
      long trades,
      @AlsoAs("firstTime") @Nullable Long firstTimestamp,
      @Nullable String firstId,
      @AlsoAs("lastTime") @Nullable Long lastTimestamp,
      @Nullable String lastId,
      @Nullable String position,
      @Nullable String reason) {

    static Range outside(long rows, String reason) {
      return new Range("error", rows, null, null, null, null, null, reason);
    }

    static Range of(GapRange range) {
      GapPosition position = range.position();
      return new Range(
          Answers.word(range.kind()),
          range.trades(),
          range.first().epochSecond(),
          range.first().id(),
          range.last().epochSecond(),
          range.last().id(),
          position == null ? null : Answers.word(position),
          null);
    }
  }

  /** What a run would do; {@code ranges} are those of an audit. */
  record PlannedWork(
      GapCounts gaps, long writes, long batches, List<Range> ranges, boolean complete) {

    static PlannedWork of(SyncPlan plan) {
      return new PlannedWork(
          plan.gaps(),
          plan.writes(),
          plan.batches(),
          plan.ranges().stream().map(Range::of).toList(),
          plan.complete());
    }
  }
}
