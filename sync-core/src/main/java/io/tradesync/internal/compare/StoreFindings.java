package io.tradesync.internal.compare;

import io.tradesync.AuditReport;
import io.tradesync.StoreDifferences;
import io.tradesync.StoreDifferences.SubRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.log.SubRanges;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The sub-ranges in which the sink does not hold what the log says. Their number is bounded. */
public final class StoreFindings {

  private final SortedMap<Long, SubRange> subRanges = new TreeMap<>();
  private boolean complete = true;
  private long differing;
  private long notJudged;

  StoreFindings() {}

  /** Adds the findings of another part. */
  void append(StoreFindings part) {
    part.subRanges.values().forEach(this::add);
    complete = complete && part.complete;
    differing +=
        part.differing - part.subRanges.values().stream().mapToLong(StoreFindings::sum).sum();
    notJudged += part.notJudged;
  }

  private static long sum(SubRange subRange) {
    return subRange.trades() + subRange.candles();
  }

  /** Adds trades and candles that differ in the sub-range of a second. */
  void add(long epochSecond, long trades, long candles) {
    add(new SubRange(SubRanges.start(epochSecond), trades, candles));
  }

  private void add(SubRange found) {
    differing += sum(found);
    if (subRanges.size() < AuditReport.MAX_RANGES
        || subRanges.containsKey(found.fromEpochSecond())) {
      subRanges.merge(
          found.fromEpochSecond(),
          found,
          (a, b) ->
              new SubRange(
                  a.fromEpochSecond(), a.trades() + b.trades(), a.candles() + b.candles()));
    } else {
      complete = false;
    }
  }

  /** Counts candles that were not compared. */
  void notJudged(long candles) {
    notJudged += candles;
  }

  /**
   * Describes the findings.
   *
   * @param before the retention boundary of the comparison
   * @param now the retention boundary now: where it has moved, rows were dropped, and nothing is
   *     described
   */
  public StoreDifferences describe(TradeKey before, TradeKey now) {
    long from = before.isBefore(now) ? now.epochSecond() : Long.MIN_VALUE;
    List<SubRange> kept = List.copyOf(subRanges.tailMap(from).values());
    long left = subRanges.headMap(from).values().stream().mapToLong(StoreFindings::sum).sum();
    return new StoreDifferences(differing - left, kept, complete, notJudged);
  }
}
