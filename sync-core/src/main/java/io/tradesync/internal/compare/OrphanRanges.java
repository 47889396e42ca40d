package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a comparison listed orphans, in key order: ranges that hold nothing else. Their number is
 * bounded: the last one that fits goes on to the end.
 */
public final class OrphanRanges {

  static final int MOST = 1_000;

  private List<KeyRange> ranges = new ArrayList<>();

  /** Starts without any. */
  OrphanRanges() {}

  OrphanRanges copy() {
    OrphanRanges copy = new OrphanRanges();
    copy.restore(this);
    return copy;
  }

  void restore(OrphanRanges copy) {
    ranges = new ArrayList<>(copy.ranges);
  }

  /** Adds what was noted of a part that lies behind. */
  void append(OrphanRanges behind) {
    behind.ranges.forEach(this::add);
  }

  /** Notes a range behind those noted so far whose last key alone is an orphan. */
  void add(KeyRange range) {
    int last = ranges.size() - 1;
    if (last >= 0 && !ranges.get(last).upTo().isBefore(range.after())) {
      TradeKey end = TradeKey.max(ranges.get(last).upTo(), range.upTo());
      ranges.set(last, new KeyRange(ranges.get(last).after(), end));
    } else {
      boolean isLast = ranges.size() + 1 == MOST;
      ranges.add(isLast ? new KeyRange(range.after(), TradeKey.MAX) : range);
    }
  }

  /**
   * The ranges.
   *
   * @return a copy, in key order
   */
  public List<KeyRange> all() {
    return List.copyOf(ranges);
  }
}
