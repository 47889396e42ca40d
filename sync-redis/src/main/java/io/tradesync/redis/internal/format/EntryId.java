package io.tradesync.redis.internal.format;

import java.time.Instant;
import java.util.Optional;

/**
 * The id of a stream entry: a time, and a number that distinguishes the entries of one millisecond.
 * Both are unsigned; ids are ordered by time, then by number.
 *
 * @param millis usually milliseconds since 1970 by the clock of Redis
 */
public record EntryId(long millis, long number) implements Comparable<EntryId> {

  /** A publisher that sets ids itself may use small numbers, which are no times. */
  private static final long FIRST_TIME = 1_000_000_000_000L;

  /** Before every entry. */
  public static final EntryId ZERO = new EntryId(0, 0);

  public static EntryId parse(String text) {
    int dash = text.indexOf('-');
    return dash < 0
        ? new EntryId(Long.parseUnsignedLong(text), 0)
        : new EntryId(
            Long.parseUnsignedLong(text.substring(0, dash)),
            Long.parseUnsignedLong(text.substring(dash + 1)));
  }

  /** When the entry was published; empty if the id is no time of this century. */
  public Optional<Instant> publishedAt() {
    return millis < FIRST_TIME ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }

  /** The largest id below this one; itself if there is none. */
  public EntryId previous() {
    if (number != 0) {
      return new EntryId(millis, number - 1);
    }
    return millis == 0 ? this : new EntryId(millis - 1, -1);
  }

  public boolean isBefore(EntryId other) {
    return compareTo(other) < 0;
  }

  public static EntryId max(EntryId a, EntryId b) {
    return a.isBefore(b) ? b : a;
  }

  @Override
  public int compareTo(EntryId other) {
    int byTime = Long.compareUnsigned(millis, other.millis);
    return byTime != 0 ? byTime : Long.compareUnsigned(number, other.number);
  }

  @Override
  public String toString() {
    return Long.toUnsignedString(millis) + "-" + Long.toUnsignedString(number);
  }
}
