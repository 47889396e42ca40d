package io.tradesync.examples.service.http;

import io.tradesync.SyncHealth;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Asks for health at an interval, so that the gauges of lag and gaps are current. */
public final class HealthSchedule implements AutoCloseable {

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread created = new Thread(task, "tradesync-health");
            created.setDaemon(true);
            return created;
          });

  private final ScheduledFuture<?> refreshing;

  /** Starts the schedule; the first health is computed at once. */
  public HealthSchedule(RunMonitor monitor, Supplier<SyncHealth> health, Duration interval) {
    refreshing =
        thread.scheduleWithFixedDelay(
            () -> monitor.refreshHealth(health), 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    refreshing.cancel(true);
    thread.shutdownNow();
  }
}
