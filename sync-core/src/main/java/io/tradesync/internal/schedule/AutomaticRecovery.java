package io.tradesync.internal.schedule;

import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.run.Listeners;
import io.tradesync.internal.thread.Threads;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs and audits at once and then periodically, whatever happens. Thread-safe. */
public final class AutomaticRecovery {

  private static final Logger LOG = LoggerFactory.getLogger(AutomaticRecovery.class);
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private final Runnable run;
  private final Runnable audit;
  private final Duration auditInterval;
  private @Nullable ScheduledExecutorService timer;
  private boolean closed;

  /**
   * Makes a recovery that is not started.
   *
   * @param run what to do each time
   * @param audit what to do now and then, at the same time as a run
   * @param auditInterval the pause between two audits
   */
  public AutomaticRecovery(Runnable run, Runnable audit, Duration auditInterval) {
    this.run = run;
    this.audit = audit;
    this.auditInterval = auditInterval;
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
    timer = Executors.newScheduledThreadPool(2, Threads.daemons("tradesync-recovery"));
    repeat(timer, run, interval);
    repeat(timer, audit, auditInterval);
  }

  private static void repeat(ScheduledExecutorService timer, Runnable work, Duration interval) {
    Future<?> unused =
        timer.scheduleWithFixedDelay(() -> once(work), 0, millis(interval), TimeUnit.MILLISECONDS);
  }

  private static long millis(Duration interval) {
    return interval.compareTo(LONGEST) > 0 ? LONGEST.toMillis() : Math.max(1, interval.toMillis());
  }

  private static void once(Runnable work) {
    try {
      work.run();
    } catch (SyncAlreadyRunningException e) {
      LOG.debug("the automatic recovery leaves it to another run: {}", e.getMessage());
    } catch (Throwable e) {
      LOG.warn("the automatic recovery failed and will try again: {}", FailureText.reason(e));
    }
  }

  /**
   * Stops, and waits for a run under way unless that run's listener asks for it. Does nothing if it
   * is not started.
   *
   * @param cancel asks the run under way to end
   */
  public void stop(Runnable cancel) {
    ScheduledExecutorService stopping = end();
    if (stopping == null) {
      return;
    }
    if (Listeners.isCalling()) {
      cancel.run();
    } else {
      Threads.cancelUntilEnded(stopping, cancel);
    }
  }

  // Whoever waits for a run holds nothing that the run's listener could want.
  private synchronized @Nullable ScheduledExecutorService end() {
    ScheduledExecutorService ended = timer;
    timer = null;
    if (ended != null) {
      ended.shutdown();
    }
    return ended;
  }

  /**
   * Stops for good.
   *
   * @param cancel asks the run under way to end
   */
  public void close(Runnable cancel) {
    synchronized (this) {
      closed = true;
    }
    stop(cancel);
  }
}
