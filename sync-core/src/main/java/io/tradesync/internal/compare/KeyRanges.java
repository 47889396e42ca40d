package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Operations on lists of ranges that are in key order and do not overlap. */
public final class KeyRanges {

  private KeyRanges() {}

  /** The parts of the ranges above a key. */
  static List<KeyRange> after(List<KeyRange> ranges, TradeKey key) {
    return ranges.stream().map(range -> range.after(key)).filter(r -> !r.isEmpty()).toList();
  }

  /**
   * Divides a range into parts of about the same time each.
   *
   * @param from the second of the first key in the range
   * @return the parts in key order; together they are the range from that second on
   */
  static List<KeyRange> split(KeyRange range, long from, int maxParts) {
    BigInteger first = BigInteger.valueOf(from);
    BigInteger seconds = BigInteger.valueOf(range.upTo().epochSecond()).subtract(first);
    List<KeyRange> parts = new ArrayList<>();
    KeyRange rest = range;
    for (int i = 1; i < maxParts; i++) {
      BigInteger share =
          seconds.multiply(BigInteger.valueOf(i)).divide(BigInteger.valueOf(maxParts));
      TradeKey boundary = TradeKey.startOf(first.add(share).longValueExact());
      if (rest.after().isBefore(boundary) && boundary.isBefore(range.upTo())) {
        parts.add(rest.upTo(boundary));
        rest = rest.after(boundary);
      }
    }
    parts.add(rest);
    return parts;
  }

  /** The parts of a range that are in none of the others, which lie within it. */
  public static List<KeyRange> without(KeyRange range, List<KeyRange> others) {
    List<KeyRange> parts = new ArrayList<>();
    KeyRange rest = range;
    for (KeyRange other : others) {
      parts.add(rest.upTo(other.after()));
      rest = rest.after(other.upTo());
    }
    parts.add(rest);
    return parts.stream().filter(part -> !part.isEmpty()).toList();
  }

  /** The parts of the ranges up to a key. */
  static List<KeyRange> upTo(List<KeyRange> ranges, TradeKey key) {
    return ranges.stream().map(range -> range.upTo(key)).filter(r -> !r.isEmpty()).toList();
  }
}
