package io.tradesync.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that moves only when a test sets it, for tests of leases, baselines and recorded times.
 * Thread-safe.
 */
public final class SettableClock extends Clock {

  private final AtomicReference<Instant> now;
  private final ZoneId zone;

  /** Creates a clock that is set to 2025-08-05T13:20:00Z, which is 1754400000 epoch seconds. */
  public SettableClock() {
    this(Instant.ofEpochSecond(1_754_400_000L));
  }

  public SettableClock(Instant now) {
    this(new AtomicReference<>(Objects.requireNonNull(now, "now")), ZoneOffset.UTC);
  }

  private SettableClock(AtomicReference<Instant> now, ZoneId zone) {
    this.now = now;
    this.zone = zone;
  }

  /** Sets the clock, forwards or backwards. */
  public void set(Instant instant) {
    now.set(Objects.requireNonNull(instant, "instant"));
  }

  /**
   * Moves the clock.
   *
   * @param duration how far; backwards if negative
   * @return the time that the clock gives now
   */
  public Instant advance(Duration duration) {
    return Objects.requireNonNull(now.updateAndGet(instant -> instant.plus(duration)));
  }

  @Override
  public Instant instant() {
    return Objects.requireNonNull(now.get());
  }

  @Override
  public ZoneId getZone() {
    return zone;
  }

  /** The same clock in another zone: setting one sets both. */
  @Override
  public Clock withZone(ZoneId otherZone) {
    return new SettableClock(now, otherZone);
  }

  @Override
  public String toString() {
    return "SettableClock[" + now.get() + "]";
  }
}
