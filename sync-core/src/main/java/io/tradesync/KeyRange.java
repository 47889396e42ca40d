package io.tradesync;

import java.util.Objects;

/**
 * A stretch of the key order: every key after {@code after} and up to {@code upTo}. The unit of
 * work: it can be planned in one place, processed in another, and processed twice without harm.
 * Immutable.
 *
 * @param after the exclusive lower bound
 * @param upTo the inclusive upper bound; where it sorts at or before {@code after} the range is
 *     empty
 */
public record KeyRange(TradeKey after, TradeKey upTo) {

  private static final KeyRange ALL = new KeyRange(TradeKey.MIN, TradeKey.MAX);

  /**
   * Checks that both bounds are there.
   *
   * @param after see {@link #after()}
   * @param upTo see {@link #upTo()}
   */
  public KeyRange {
    Objects.requireNonNull(after, "after");
    Objects.requireNonNull(upTo, "upTo");
  }

  /**
   * The range of all keys.
   *
   * @return the range that holds every trade
   */
  public static KeyRange all() {
    return ALL;
  }

  /**
   * All trades from a second on.
   *
   * @param epochSecond the first second, inclusive, since 1970-01-01T00:00:00Z
   * @return the range
   */
  public static KeyRange from(long epochSecond) {
    return new KeyRange(TradeKey.startOf(epochSecond), TradeKey.MAX);
  }

  /**
   * All trades of some seconds.
   *
   * @param fromEpochSecond the first second, inclusive
   * @param toEpochSecond the second after the last one
   * @return the range
   */
  public static KeyRange seconds(long fromEpochSecond, long toEpochSecond) {
    return new KeyRange(TradeKey.startOf(fromEpochSecond), TradeKey.startOf(toEpochSecond));
  }

  /**
   * Tells whether no key can be in the range.
   *
   * @return true if the upper bound does not sort after the lower one
   */
  public boolean isEmpty() {
    return !after.isBefore(upTo);
  }

  /**
   * Tells whether a key is in the range.
   *
   * @param key the key
   * @return true if it sorts after {@code after} and not after {@code upTo}
   */
  public boolean contains(TradeKey key) {
    return after.isBefore(key) && !upTo.isBefore(key);
  }

  /**
   * The part that two ranges share.
   *
   * @param other the other range
   * @return the shared part, empty where there is none
   */
  public KeyRange intersect(KeyRange other) {
    return new KeyRange(TradeKey.max(after, other.after), TradeKey.min(upTo, other.upTo));
  }

  /**
   * The rest of this range behind a key.
   *
   * @param key the new exclusive lower bound, if it is above the present one
   * @return the rest, possibly empty
   */
  public KeyRange after(TradeKey key) {
    return new KeyRange(TradeKey.max(after, key), upTo);
  }

  /**
   * The part of this range up to a key.
   *
   * @param key the new inclusive upper bound, if it is below the present one
   * @return the part, possibly empty
   */
  public KeyRange upTo(TradeKey key) {
    return new KeyRange(after, TradeKey.min(upTo, key));
  }
}
