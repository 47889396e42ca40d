package io.tradesync.internal.run;

import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.internal.failure.Failures;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs at once and then periodically, whatever happens. Thread-safe. */
public final class Recovery {

  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final Runnable run;
  private @Nullable ScheduledExecutorService timer;
  private boolean closed;

  /**
   * Makes a recovery that is not started.
   *
   * @param run what to do each time
   */
  public Recovery(Runnable run) {
    this.run = run;
  }

  /**
   * Starts.
   *
   * @param interval the pause between two runs
   */
  public synchronized void start(Duration interval) {
    if (timer != null || closed) {
      throw new IllegalStateException(
          closed ? "the engine is closed" : "the automatic recovery is started already");
    }
    timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "tradesync-recovery");
              thread.setDaemon(true);
              return thread;
            });
    Future<?> unused =
        timer.scheduleWithFixedDelay(this::once, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void once() {
    try {
      run.run();
    } catch (SyncAlreadyRunningException e) {
      LOG.debug("the automatic recovery leaves it to another run: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.warn("the automatic recovery failed and will try again: {}", Failures.reason(e));
    }
  }

  /**
   * Stops, and waits for a run under way. Does nothing if it is not started.
   *
   * @param cancel asks the run under way to end
   */
  public synchronized void stop(Runnable cancel) {
    ScheduledExecutorService stopping = timer;
    if (stopping == null) {
      return;
    }
    timer = null;
    stopping.shutdown();
    try {
      do {
        cancel.run();
      } while (!stopping.awaitTermination(100, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Stops for good.
   *
   * @param cancel asks the run under way to end
   */
  public synchronized void close(Runnable cancel) {
    closed = true;
    stop(cancel);
  }
}
