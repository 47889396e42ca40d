package io.tradesync.spi.log;

import io.tradesync.KeyRange;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/**
 * The arithmetic of sub-ranges, the unit of verification: each is {@link #SECONDS} long and begins
 * at a multiple of it since 1970.
 */
public final class SubRanges {

  /** The length of a sub-range in seconds. */
  public static final int SECONDS = 300;

  private SubRanges() {}

  /** Returns the first second of the sub-range that a second is in. */
  public static long start(long epochSecond) {
    return Math.max(epochSecond, Long.MIN_VALUE + SECONDS) - Math.floorMod(epochSecond, SECONDS);
  }

  /** Returns the sub-ranges from one start up to another one, itself included. */
  public static KeyRange range(long firstStart, long lastStart) {
    return KeyRange.seconds(firstStart, lastStart + SECONDS);
  }

  /** Joins sub-ranges where they meet. */
  public static List<KeyRange> join(SortedSet<Long> starts) {
    List<KeyRange> ranges = new ArrayList<>();
    for (long start : starts) {
      KeyRange range = range(start, start);
      int last = ranges.size() - 1;
      if (last >= 0 && ranges.get(last).upTo().equals(range.after())) {
        ranges.set(last, new KeyRange(ranges.get(last).after(), range.upTo()));
      } else {
        ranges.add(range);
      }
    }
    return ranges;
  }
}
