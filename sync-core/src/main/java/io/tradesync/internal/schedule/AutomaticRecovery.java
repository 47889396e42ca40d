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

/** Runs and audits at once and then periodically, whatever they throw. Thread-safe. */
public final class AutomaticRecovery {

  private static final Logger LOG = LoggerFactory.getLogger(AutomaticRecovery.class);
  private static final Duration MAX_PAUSE = Duration.ofDays(36_500);

  private final Runnable run;
  private final Runnable audit;
  private final Duration auditInterval;
  private @Nullable ScheduledExecutorService timer;
  private volatile boolean closed;

  /** Takes what to do; a run and an audit can be under way at the same time. */
  public AutomaticRecovery(Runnable run, Runnable audit, Duration auditInterval) {
    this.run = run;
    this.audit = audit;
    this.auditInterval = auditInterval;
  }

  /**
   * Starts the recovery.
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

  private void repeat(ScheduledExecutorService timer, Runnable work, Duration interval) {
    Future<?> unused =
        timer.scheduleWithFixedDelay(() -> once(work), 0, millis(interval), TimeUnit.MILLISECONDS);
  }

  private static long millis(Duration interval) {
    return interval.compareTo(MAX_PAUSE) > 0
        ? MAX_PAUSE.toMillis()
        : Math.max(1, interval.toMillis());
  }

  private void once(Runnable work) {
    try {
      work.run();
    } catch (SyncAlreadyRunningException e) {
      LOG.debug("the automatic recovery leaves the work to another run: {}", e.getMessage());
    } catch (Throwable e) {
      if (!closed) {
        LOG.warn("the automatic recovery failed and will try again: {}", FailureText.reason(e));
      }
    }
  }

  /**
   * Stops the recovery and waits for the run under way, unless a listener of that run calls this.
   * Does nothing if the recovery is not started.
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

  // The thread that waits for a run holds no lock that a listener of the run could want.
  private synchronized @Nullable ScheduledExecutorService end() {
    ScheduledExecutorService ended = timer;
    timer = null;
    if (ended != null) {
      ended.shutdown();
    }
    return ended;
  }

  /** Stops the recovery for good; does not wait. */
  public void close() {
    closed = true;
    ScheduledExecutorService unused = end();
  }
}
