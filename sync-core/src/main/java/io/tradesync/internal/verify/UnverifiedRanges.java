package io.tradesync.internal.verify;

import io.tradesync.KeyRange;
import io.tradesync.spi.log.Verification;
import java.util.ArrayList;
import java.util.List;

/**
 * The sub-ranges in which a comparison found a gap, in key order. Their number is bounded: what
 * lies behind the last one that fits counts as one range without an end.
 */
public final class UnverifiedRanges {

  static final int MOST = 10_000;
  private static final long WIDTH = Verification.SUB_RANGE_SECONDS;

  private record Interval(long first, long last) {}

  private List<Interval> intervals = new ArrayList<>();
  private long subRanges;
  private long unknownFrom = Long.MAX_VALUE;

  /** Starts without any. */
  public UnverifiedRanges() {}

  public void restore(UnverifiedRanges copy) {
    intervals = new ArrayList<>(copy.intervals);
    subRanges = copy.subRanges;
    unknownFrom = copy.unknownFrom;
  }

  /** Notes what lies behind everything noted so far. */
  public void append(UnverifiedRanges behind) {
    for (Interval interval : behind.intervals) {
      add(interval.first * WIDTH, interval.last * WIDTH);
    }
    unknownFrom = Math.min(unknownFrom, behind.unknownFrom);
  }

  /** Notes the sub-ranges of some seconds that lie behind, or in, those noted so far. */
  public void add(long firstSecond, long lastSecond) {
    if (unknownFrom < Long.MAX_VALUE) {
      return;
    }
    long first = Math.floorDiv(firstSecond, WIDTH);
    long last = Math.floorDiv(lastSecond, WIDTH);
    int end = intervals.size() - 1;
    Interval previous = end < 0 ? null : intervals.get(end);
    if (previous != null && first <= previous.last + 1) {
      long grown = Math.max(previous.last, last);
      intervals.set(end, new Interval(previous.first, grown));
      subRanges += grown - previous.last;
    } else {
      intervals.add(new Interval(first, last));
      subRanges += last - first + 1;
    }
    if (subRanges > MOST) {
      Interval tooMuch = intervals.remove(intervals.size() - 1);
      subRanges -= tooMuch.last - tooMuch.first + 1;
      unknownFrom = tooMuch.first * WIDTH;
    }
  }

  /**
   * The first second of which it is not known whether its sub-range holds a gap.
   *
   * @return the second, {@link Long#MAX_VALUE} if there is none
   */
  public long unknownFrom() {
    return unknownFrom;
  }

  /**
   * The ranges with gaps, up to where they are known.
   *
   * @return whole sub-ranges in key order, joined where they meet
   */
  public List<KeyRange> known() {
    return intervals.stream()
        .map(interval -> KeyRange.seconds(interval.first * WIDTH, (interval.last + 1) * WIDTH))
        .toList();
  }
}
