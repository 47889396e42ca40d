package io.tradesync.examples.service.http;

import io.tradesync.SyncHealth;
import io.tradesync.TradesyncException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks for health at an interval, so that the gauges of lag and gaps are current. */
public final class HealthSchedule implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HealthSchedule.class);

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread created = new Thread(task, "tradesync-health");
            created.setDaemon(true);
            return created;
          });

  private final ScheduledFuture<?> refreshing;

  /** Starts the schedule; the first health is computed at once. */
  public HealthSchedule(Supplier<SyncHealth> health, Duration interval) {
    refreshing =
        thread.scheduleWithFixedDelay(
            () -> refresh(health), 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void refresh(Supplier<SyncHealth> health) {
    try {
      // The engine tells its listeners, which are the gauges.
      SyncHealth ignored = health.get();
    } catch (TradesyncException | IllegalStateException e) {
      // The age of the gauges shows it.
      LOG.debug("Health could not be computed", e);
    }
  }

  @Override
  public void close() {
    refreshing.cancel(true);
    thread.shutdownNow();
  }
}
