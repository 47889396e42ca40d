package io.tradesync;

import java.io.Serializable;
import java.util.Objects;

/**
 * A range of keys: every key after {@code after} and up to {@code upTo}. It is the unit of work: it
 * can be planned in one place, processed in another, and processed twice without harm. Immutable.
 *
 * @param after the exclusive lower bound
 * @param upTo the inclusive upper bound; the range is empty if it does not sort after {@code after}
 */
public record KeyRange(TradeKey after, TradeKey upTo) implements Serializable {

  private static final KeyRange ALL = new KeyRange(TradeKey.MIN, TradeKey.MAX);

  /** Checks that no bound is null. */
  public KeyRange {
    Objects.requireNonNull(after, "after");
    Objects.requireNonNull(upTo, "upTo");
  }

  /** The range of all keys. */
  public static KeyRange all() {
    return ALL;
  }

  /**
   * All trades from a second on.
   *
   * @param epochSecond the first second, inclusive, since 1970-01-01T00:00:00Z
   */
  public static KeyRange from(long epochSecond) {
    return new KeyRange(TradeKey.startOf(epochSecond), TradeKey.MAX);
  }

  /**
   * All trades of some seconds.
   *
   * @param fromEpochSecond the first second, inclusive
   * @param toEpochSecond the second after the last one
   */
  public static KeyRange seconds(long fromEpochSecond, long toEpochSecond) {
    return new KeyRange(TradeKey.startOf(fromEpochSecond), TradeKey.startOf(toEpochSecond));
  }

  /** Returns whether the range can hold no key. */
  public boolean isEmpty() {
    return !after.isBefore(upTo);
  }

  /** Returns whether a key sorts after {@code after} and not after {@code upTo}. */
  public boolean contains(TradeKey key) {
    return after.isBefore(key) && !upTo.isBefore(key);
  }

  /** Returns the part that two ranges share; empty if they share none. */
  public KeyRange intersect(KeyRange other) {
    return new KeyRange(TradeKey.max(after, other.after), TradeKey.min(upTo, other.upTo));
  }

  /**
   * Returns the rest of this range after a key; possibly empty.
   *
   * @param key the new exclusive lower bound, if it is above the present one
   */
  public KeyRange after(TradeKey key) {
    return new KeyRange(TradeKey.max(after, key), upTo);
  }

  /**
   * Returns the part of this range up to a key; possibly empty.
   *
   * @param key the new inclusive upper bound, if it is below the present one
   */
  public KeyRange upTo(TradeKey key) {
    return new KeyRange(after, TradeKey.min(upTo, key));
  }
}
