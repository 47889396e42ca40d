package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Lists of ranges in key order that do not overlap. */
final class KeyRanges {

  private KeyRanges() {}

  /** What the ranges hold behind a key. */
  static List<KeyRange> after(List<KeyRange> ranges, TradeKey key) {
    return ranges.stream().map(range -> range.after(key)).filter(r -> !r.isEmpty()).toList();
  }

  /**
   * Parts of about the same time each.
   *
   * @param range the range
   * @param from the second of the first key in it
   * @param most how many parts at most
   * @return the parts in key order; together they are the range from that second on
   */
  static List<KeyRange> split(KeyRange range, long from, int most) {
    BigInteger first = BigInteger.valueOf(from);
    BigInteger seconds = BigInteger.valueOf(range.upTo().epochSecond()).subtract(first);
    List<KeyRange> parts = new ArrayList<>();
    KeyRange rest = range;
    for (int i = 1; i < most; i++) {
      BigInteger share = seconds.multiply(BigInteger.valueOf(i)).divide(BigInteger.valueOf(most));
      TradeKey border = TradeKey.startOf(first.add(share).longValueExact());
      if (rest.after().isBefore(border) && border.isBefore(range.upTo())) {
        parts.add(rest.upTo(border));
        rest = rest.after(border);
      }
    }
    parts.add(rest);
    return parts;
  }

  /** What the ranges hold up to a key. */
  static List<KeyRange> upTo(List<KeyRange> ranges, TradeKey key) {
    return ranges.stream().map(range -> range.upTo(key)).filter(r -> !r.isEmpty()).toList();
  }
}
