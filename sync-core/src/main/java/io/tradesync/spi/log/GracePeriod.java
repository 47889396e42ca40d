package io.tradesync.spi.log;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How long a trade must be gone before it is retracted, and by when that time must have passed.
 *
 * @param length how long it must stay away; not negative
 * @param by the time, by the log's clock, at which the period must be over; empty for the time of
 *     the question
 */
public record GracePeriod(Duration length, Optional<Instant> by) {

  /** A grace period that must be over when the log is asked. */
  public static GracePeriod overNow(Duration length) {
    return new GracePeriod(length, Optional.empty());
  }

  /**
   * A grace period that must have been over at an earlier time.
   *
   * @param by a time that {@link OrphanTracker#now} answered
   */
  public static GracePeriod overBy(Duration length, Instant by) {
    return new GracePeriod(length, Optional.of(by));
  }

  /**
   * Returns whether the period is over for a trade.
   *
   * @param goneSince when the trade was first seen gone
   * @param now the time of the question
   */
  public boolean isOver(Instant goneSince, Instant now) {
    Instant asOf = by.filter(time -> time.isBefore(now)).orElse(now);
    return !goneSince.plus(length).isAfter(asOf);
  }
}
