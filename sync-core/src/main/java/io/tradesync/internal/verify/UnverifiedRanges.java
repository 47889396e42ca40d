package io.tradesync.internal.verify;

import io.tradesync.KeyRange;
import io.tradesync.spi.log.SubRanges;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The sub-ranges in which a comparison found a gap, in key order. Their number is bounded: from the
 * first one that does not fit on, it is not known where gaps are.
 */
public final class UnverifiedRanges implements Serializable {

  private static final long serialVersionUID = 1L;

  /** The maximum number of sub-ranges that are known. */
  public static final int MAX_SUB_RANGES = 10_000;

  private static final long NOWHERE = Long.MAX_VALUE;

  /** Neighbouring sub-ranges, by the first seconds of the first and the last one. */
  private record Interval(long first, long last) implements Serializable {
    long subRanges() {
      return (last - first) / SubRanges.SECONDS + 1;
    }
  }

  private final ArrayList<Interval> intervals = new ArrayList<>();
  private long subRanges;
  private long unknownFrom = NOWHERE;

  /** Adds the sub-ranges of a part that is above everything added so far. */
  public void append(UnverifiedRanges part) {
    part.intervals.forEach(interval -> add(interval.first, interval.last));
    unknownFrom = Math.min(unknownFrom, part.unknownFrom);
  }

  /** Adds the sub-ranges of some seconds that are above, or among, those added so far. */
  public void add(long firstSecond, long lastSecond) {
    if (!isComplete()) {
      return;
    }
    Interval added = new Interval(SubRanges.start(firstSecond), SubRanges.start(lastSecond));
    int end = intervals.size() - 1;
    if (end >= 0 && added.first <= intervals.get(end).last + SubRanges.SECONDS) {
      Interval previous = intervals.remove(end);
      subRanges -= previous.subRanges();
      added = new Interval(previous.first, Math.max(previous.last, added.last));
    }
    intervals.add(added);
    subRanges += added.subRanges();
    if (subRanges > MAX_SUB_RANGES) {
      intervals.remove(intervals.size() - 1);
      subRanges -= added.subRanges();
      unknownFrom = added.first;
    }
  }

  /** Joins two lists of whole sub-ranges, each in key order. */
  public static UnverifiedRanges union(List<KeyRange> some, List<KeyRange> others) {
    UnverifiedRanges union = new UnverifiedRanges();
    Stream.of(some, others)
        .flatMap(List::stream)
        .sorted(Comparator.comparing(KeyRange::after))
        .forEach(range -> union.add(range.after().epochSecond(), range.upTo().epochSecond() - 1));
    return union;
  }

  /** Whether all sub-ranges with gaps are known. */
  public boolean isComplete() {
    return unknownFrom == NOWHERE;
  }

  /** Returns a second, or the last second below it up to which all gaps are known. */
  public long knownThrough(long epochSecond) {
    return Math.min(epochSecond, unknownFrom - 1);
  }

  /** As {@link #known}, and everything from the first sub-range on that is not known. */
  public List<KeyRange> knownAndRest() {
    List<KeyRange> ranges = new ArrayList<>(known());
    if (!isComplete()) {
      ranges.add(KeyRange.from(unknownFrom));
    }
    return ranges;
  }

  /** The known ranges with gaps: whole sub-ranges, joined where they meet. */
  public List<KeyRange> known() {
    return intervals.stream()
        .map(interval -> SubRanges.range(interval.first, interval.last))
        .toList();
  }
}
