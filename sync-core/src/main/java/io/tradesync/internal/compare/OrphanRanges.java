package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The ranges in which a comparison listed orphans, in key order; they hold nothing else. Their
 * number is bounded: the last range that fits goes on to the end of the key order.
 */
public final class OrphanRanges implements Serializable {

  private static final long serialVersionUID = 1L;

  static final int MAX_RANGES = 1_000;

  private final ArrayList<KeyRange> ranges = new ArrayList<>();

  OrphanRanges() {}

  /** Adds the ranges of a part that is above everything added so far. */
  void append(OrphanRanges part) {
    part.ranges.forEach(this::add);
  }

  /** Adds a range, above those added so far, of which only the last key is an orphan. */
  void add(KeyRange range) {
    int last = ranges.size() - 1;
    if (last >= 0 && !ranges.get(last).upTo().isBefore(range.after())) {
      TradeKey end = TradeKey.max(ranges.get(last).upTo(), range.upTo());
      ranges.set(last, new KeyRange(ranges.get(last).after(), end));
    } else {
      boolean isLast = ranges.size() + 1 == MAX_RANGES;
      ranges.add(isLast ? new KeyRange(range.after(), TradeKey.MAX) : range);
    }
  }

  /** Returns the ranges. */
  List<KeyRange> all() {
    return List.copyOf(ranges);
  }
}
