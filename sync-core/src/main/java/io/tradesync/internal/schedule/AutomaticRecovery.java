package io.tradesync.internal.schedule;

import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.thread.Threads;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs and audits at once and then periodically, whatever they throw. Thread-safe. */
public final class AutomaticRecovery {

  private static final Logger LOG = LoggerFactory.getLogger(AutomaticRecovery.class);
  private static final Duration MARGIN = Duration.ofMillis(100);
  private static final Duration MAX_PAUSE = Duration.ofDays(36_500);

  private final Runnable run;
  private final Runnable audit;
  private final Duration auditInterval;
  private final Duration leaseTtl;
  private @Nullable ScheduledThreadPoolExecutor timer;
  private volatile boolean closed;

  /**
   * Takes what to do; a run and an audit can be under way at the same time.
   *
   * @param leaseTtl after which time the lease of a holder that died has ended
   */
  public AutomaticRecovery(
      Runnable run, Runnable audit, Duration auditInterval, Duration leaseTtl) {
    this.run = run;
    this.audit = audit;
    this.auditInterval = auditInterval;
    this.leaseTtl = leaseTtl;
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
    ScheduledThreadPoolExecutor started =
        new ScheduledThreadPoolExecutor(2, Threads.daemons("tradesync-recovery"));
    started.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    timer = started;
    repeat(started, run, interval);
    repeat(started, audit, auditInterval);
  }

  private void repeat(ScheduledExecutorService timer, Runnable work, Duration interval) {
    Future<?> unused =
        timer.scheduleWithFixedDelay(
            () -> {
              if (!once(work) && leaseTtl.compareTo(interval) < 0) {
                again(timer, work);
              }
            },
            0,
            millis(interval),
            TimeUnit.MILLISECONDS);
  }

  /**
   * Tries once more, as soon as the lease of the other run has ended if its process died: after a
   * kill, a service that starts at once meets the lease of its predecessor. If the other run is
   * under way even then, it is alive.
   */
  private void again(ScheduledExecutorService timer, Runnable work) {
    try {
      Future<?> unused =
          timer.schedule(() -> once(work), millis(leaseTtl.plus(MARGIN)), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the automatic recovery is stopped");
    }
  }

  private static long millis(Duration interval) {
    return interval.compareTo(MAX_PAUSE) > 0
        ? MAX_PAUSE.toMillis()
        : Math.max(1, interval.toMillis());
  }

  /** Returns whether no other run was under way. */
  private boolean once(Runnable work) {
    try {
      work.run();
    } catch (SyncAlreadyRunningException e) {
      LOG.debug("the automatic recovery leaves the work to another run: {}", e.getMessage());
      return false;
    } catch (Throwable e) {
      if (!closed) {
        LOG.warn("the automatic recovery failed and will try again: {}", FailureText.reason(e));
      }
    }
    return true;
  }

  /**
   * Stops the recovery. Does nothing if it is not started.
   *
   * @param cancel asks the run under way to end
   * @param waits whether to wait for the run under way
   */
  public void stop(Runnable cancel, boolean waits) {
    ScheduledExecutorService stopping = end();
    if (stopping == null) {
      return;
    }
    if (waits) {
      Threads.cancelUntilEnded(stopping, cancel);
    } else {
      cancel.run();
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
