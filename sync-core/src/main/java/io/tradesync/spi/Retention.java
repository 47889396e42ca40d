package io.tradesync.spi;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far back a sink keeps trades. Immutable.
 *
 * @param since the retention boundary as the sink has recorded it: the first second from which it
 *     keeps trades; empty if nothing was dropped yet, as far as it knows
 * @param period how old a trade can become, by the clock of the sink's store, before the sink may
 *     drop it; the longest transaction is taken off already; empty if only {@code since} counts
 * @param step the boundary is rounded up to a multiple of this many seconds since 1970-01-01; at
 *     least 1
 */
public record Retention(OptionalLong since, Optional<Duration> period, int step) {

  /** Everything is kept for ever. */
  public static final Retention FOREVER = new Retention(OptionalLong.empty(), Optional.empty(), 1);

  public Retention {
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(period, "period");
  }

  /** The retention boundary at a time; empty if there is none. */
  public OptionalLong boundary(long nowEpochSecond) {
    OptionalLong moving =
        period.isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(roundedUp(nowEpochSecond - period.get().toSeconds()));
    if (since.isEmpty() || moving.isEmpty()) {
      return since.isEmpty() ? moving : since;
    }
    return OptionalLong.of(Math.max(since.getAsLong(), moving.getAsLong()));
  }

  private long roundedUp(long second) {
    return -Math.floorDiv(-second, step) * step;
  }
}
