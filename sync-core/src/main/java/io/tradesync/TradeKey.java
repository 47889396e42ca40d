package io.tradesync;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The place of a trade in the one total order that every cursor, page and range uses: by timestamp,
 * then by the bytes of the id's UTF-8 form (in SQL: {@code COLLATE "C"} in a UTF-8 database).
 *
 * <p>A key whose id is empty belongs to no trade; it is a bound that sorts before every trade of
 * its second. Immutable.
 *
 * @param epochSecond the trade's timestamp, in seconds since 1970-01-01T00:00:00Z
 * @param id the trade's id as the source knows it; empty for a bound
 */
public record TradeKey(long epochSecond, String id) implements Comparable<TradeKey>, Serializable {

  /** The longest id that has a place in the key order, in bytes of UTF-8. */
  public static final int MAX_ID_BYTES = 1_024;

  /** The greatest distance of a second from 1970 that has a place in the key order. */
  public static final long MAX_EPOCH_SECOND = 100_000_000_000L;

  private static final int MAX_ID_SHOWN = 100;
  private static final int MAX_BYTES_OF_CHAR = 3;

  /** Sorts before every trade. */
  public static final TradeKey MIN = new TradeKey(Long.MIN_VALUE, "");

  /** Sorts after every trade. */
  public static final TradeKey MAX = new TradeKey(Long.MAX_VALUE, "");

  /** Checks that the id is not null. */
  public TradeKey {
    Objects.requireNonNull(id, "id");
  }

  /**
   * Returns a key that sorts before each trade of a second and after each earlier one.
   *
   * @param epochSecond the second, since 1970-01-01T00:00:00Z
   */
  public static TradeKey startOf(long epochSecond) {
    return new TradeKey(epochSecond, "");
  }

  /** Compares by timestamp, then by the id's bytes in UTF-8, unsigned. */
  @Override
  public int compareTo(TradeKey other) {
    int bySecond = Long.compare(epochSecond, other.epochSecond);
    return bySecond != 0 ? bySecond : compareUtf8(id, other.id);
  }

  /** Returns whether this key sorts before another one. */
  public boolean isBefore(TradeKey other) {
    return compareTo(other) < 0;
  }

  /** Returns the key that sorts first. */
  public static TradeKey min(TradeKey a, TradeKey b) {
    return b.isBefore(a) ? b : a;
  }

  /** Returns the key that sorts last. */
  public static TradeKey max(TradeKey a, TradeKey b) {
    return a.isBefore(b) ? b : a;
  }

  // UTF-8 sorts by code point, a Java string by UTF-16 unit; the two differ only where a surrogate
  // meets a unit above the surrogates.
  private static int compareUtf8(String a, String b) {
    int shared = Math.min(a.length(), b.length());
    for (int i = 0; i < shared; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean xSurrogate = Character.isSurrogate(x);
        return xSurrogate == Character.isSurrogate(y)
            ? Character.compare(x, y)
            : xSurrogate ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /**
   * Tells whether a store can hold the key: its id has at most {@link #MAX_ID_BYTES}, and its
   * second is one that a clock can mean.
   */
  public boolean isStorable() {
    return Math.abs(Math.max(epochSecond, -Long.MAX_VALUE)) <= MAX_EPOCH_SECOND
        && (id.length() <= MAX_ID_BYTES / MAX_BYTES_OF_CHAR
            || id.getBytes(StandardCharsets.UTF_8).length <= MAX_ID_BYTES);
  }

  /** The second and the id, which is cut after 100 characters. */
  @Override
  public String toString() {
    if (id.isEmpty()) {
      return "(" + epochSecond + ")";
    }
    boolean isLong = id.codePointCount(0, id.length()) > MAX_ID_SHOWN;
    String shown = isLong ? id.substring(0, id.offsetByCodePoints(0, MAX_ID_SHOWN)) + "…" : id;
    return "(" + epochSecond + ", " + shown + ")";
  }
}
