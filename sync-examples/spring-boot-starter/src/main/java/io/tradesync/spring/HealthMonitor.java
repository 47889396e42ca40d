package io.tradesync.spring;

import io.tradesync.SyncEngine;
import io.tradesync.SyncHealth;
import io.tradesync.SyncResult;
import io.tradesync.TradesyncException;
import io.tradesync.spi.ActivityListener;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows how an engine's health was when it was last computed, and has it computed at an interval
 * and after each run. So neither a probe nor a gauge ever waits for a database. Thread-safe.
 */
final class HealthMonitor implements ActivityListener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HealthMonitor.class);

  /** What is older than so many intervals is not shown: something holds up the computation. */
  private static final int MAX_INTERVALS = 3;

  /** What was seen, and when: health, or why it could not be computed. */
  record Seen(@Nullable SyncHealth health, @Nullable TradesyncException failure, Instant at) {}

  private final Duration interval;
  private final Clock clock;
  private final ScheduledExecutorService thread;
  private volatile @Nullable SyncEngine engine;
  private volatile @Nullable Seen last;

  HealthMonitor(Duration interval, Clock clock, ThreadFactory threads) {
    this.interval = interval;
    this.clock = clock;
    this.thread = Executors.newSingleThreadScheduledExecutor(threads);
  }

  /** Begins to compute; the first health is computed at once. */
  void start(SyncEngine started) {
    engine = started;
    var unused =
        thread.scheduleWithFixedDelay(
            this::refresh, 0, Math.max(1, interval.toMillis()), TimeUnit.MILLISECONDS);
  }

  /**
   * Returns what was seen last; computes it now if that is too old, or nothing was seen yet.
   *
   * @throws IllegalStateException if the engine is not there yet or no more
   */
  Seen latest() {
    Seen seen = last;
    Instant oldest = clock.instant().minus(interval.multipliedBy(MAX_INTERVALS));
    if (seen == null || seen.at().isBefore(oldest)) {
      seen = compute();
    }
    return seen;
  }

  private Seen compute() {
    SyncEngine asked = engine;
    if (asked == null) {
      throw new IllegalStateException("the engine is not started");
    }
    Seen seen;
    try {
      seen = new Seen(asked.health(), null, clock.instant());
    } catch (TradesyncException e) {
      seen = new Seen(null, e, clock.instant());
    }
    last = seen;
    return seen;
  }

  private void refresh() {
    try {
      Seen ignored = compute();
    } catch (IllegalStateException e) {
      LOG.debug("Health is not computed, for the engine is closed", e);
    } catch (Throwable e) {
      // The schedule goes on after an error of the user's source as well.
      LOG.warn("Health could not be computed", e);
    }
  }

  @Override
  public void healthComputed(SyncHealth health) {
    last = new Seen(health, null, clock.instant());
  }

  @Override
  public void runEnded(SyncResult result) {
    if (engine != null) {
      try {
        thread.execute(this::refresh);
      } catch (RejectedExecutionException e) {
        LOG.debug("Health is not computed, for the application stops", e);
      }
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
