package io.tradesync.redis.internal.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses that double from 100 ms up to a limit, with jitter. Used by one thread. */
public final class Backoff {

  public static final long FIRST_MILLIS = 100;

  private final long maxMillis;
  private long nextMillis = FIRST_MILLIS;

  public Backoff(Duration max) {
    this.maxMillis = max.toMillis();
  }

  /** The next pause: between half and all of the doubled one. */
  public Duration next() {
    long millis = Math.min(nextMillis, maxMillis);
    nextMillis = Math.min(2 * millis, maxMillis);
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
  }

  public void reset() {
    nextMillis = FIRST_MILLIS;
  }
}
