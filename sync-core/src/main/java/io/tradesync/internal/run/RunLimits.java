package io.tradesync.internal.run;

import io.tradesync.RunOptions;
import io.tradesync.internal.thread.StopCheck;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How long a run may take, and how fast it may write. A run and the force that it resumes share
 * their limits. Times are the engine's. {@link #awaitTurn} is for one thread at a time.
 */
final class RunLimits {

  private static final Duration LOOK = Duration.ofMillis(20);

  private final Clock clock;
  private final Optional<Duration> maxDuration;
  private final @Nullable Instant end;
  private final @Nullable Integer tradesPerSecond;
  private Duration previousTook = Duration.ZERO;
  private @Nullable Instant next;

  /** Begins to count the time. */
  RunLimits(RunOptions options, Clock clock) {
    this.clock = clock;
    this.maxDuration = options.maxDuration();
    this.end = maxDuration.map(clock.instant()::plus).orElse(null);
    this.tradesPerSecond =
        options.maxTradesPerSecond().isPresent() ? options.maxTradesPerSecond().getAsInt() : null;
  }

  /** Returns whether the run has taken as long as it may. */
  boolean isOver() {
    return end != null && !clock.instant().isBefore(end);
  }

  /** Returns whether the run writes no faster than a rate. */
  boolean hasRate() {
    return tradesPerSecond != null;
  }

  /** Returns the options of another run with the rate of this one. */
  RunOptions withRate(RunOptions options) {
    return tradesPerSecond == null ? options : options.maxTradesPerSecond(tradesPerSecond);
  }

  /** The limit that a run reached, for its message. */
  String reached() {
    return "maxDuration " + maxDuration.map(Duration::toString).orElse("") + " reached";
  }

  /**
   * Waits until the trades that were announced before have had their time, so that the next ones
   * may be written. A clock that is set back makes this wait no longer than it did before.
   *
   * @param trades how many trades are written next
   * @throws InterruptedException if the thread is interrupted
   * @throws RuntimeException what the stop check throws
   */
  void awaitTurn(int trades, StopCheck stopCheck) throws InterruptedException {
    if (tradesPerSecond == null) {
      return;
    }
    Instant now = clock.instant();
    Instant start = next == null || next.isBefore(now) ? now : next;
    while (now.isBefore(start)) {
      stopCheck.throwIfStopped();
      Instant latest = now.plus(previousTook);
      start = latest.isBefore(start) ? latest : start;
      Duration left = Duration.between(now, start);
      TimeUnit.NANOSECONDS.sleep(Math.min(left.toNanos(), LOOK.toNanos()));
      now = clock.instant();
    }
    previousTook = Duration.ofNanos(TimeUnit.SECONDS.toNanos(trades)).dividedBy(tradesPerSecond);
    next = start.plus(previousTook);
  }
}
