package io.tradesync;

import java.util.List;

/**
 * What an audit found when it compared what the sink holds with what the log says that it holds.
 *
 * @param differing how many rows of trades and how many candles, or other aggregates, are missing,
 *     differ, or should not be there
 * @param ranges where they are, in order; at most {@link AuditReport#MAX_RANGES}
 * @param complete whether {@code ranges} holds all of them
 * @param notJudged how many candles were not compared, since they are still to be recomputed
 */
public record StoreDifferences(
    long differing, List<SubRange> ranges, boolean complete, long notJudged) {

  /** Copies the ranges. */
  public StoreDifferences {
    ranges = List.copyOf(ranges);
  }

  /**
   * A sub-range in which the sink differs.
   *
   * @param fromEpochSecond its first second; it is 300 seconds long
   * @param trades how many rows of trades differ
   * @param candles how many candles, or other aggregates, that begin in the sub-range differ
   */
  public record SubRange(long fromEpochSecond, long trades, long candles) {}
}
