package io.tradesync.internal.gap;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.util.List;

/** Lists of ranges in key order that do not overlap. */
final class Ranges {

  private Ranges() {}

  /** What the ranges hold behind a key. */
  static List<KeyRange> after(List<KeyRange> ranges, TradeKey key) {
    return ranges.stream().map(range -> range.after(key)).filter(r -> !r.isEmpty()).toList();
  }

  /** What the ranges hold up to a key. */
  static List<KeyRange> upTo(List<KeyRange> ranges, TradeKey key) {
    return ranges.stream().map(range -> range.upTo(key)).filter(r -> !r.isEmpty()).toList();
  }
}
