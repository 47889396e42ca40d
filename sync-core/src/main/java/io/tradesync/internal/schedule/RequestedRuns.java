package io.tradesync.internal.schedule;

import io.tradesync.RunOutcome;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncResult;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.thread.Threads;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the runs that live feeds ask for: as soon as possible, one run for all requests that
 * wait, and again until one was carried out. Thread-safe.
 */
public final class RequestedRuns {

  private static final Logger LOG = LoggerFactory.getLogger(RequestedRuns.class);

  // A feed that asks all the time must not keep both sides busy with comparisons, even less so if
  // they find nothing.
  private static final Duration MIN_PAUSE = Duration.ofSeconds(1);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(15);

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(5);
  private static final Duration IDLE_THREAD = Duration.ofSeconds(5);

  private final Supplier<SyncResult> run;
  private final ScheduledThreadPoolExecutor timer;
  private boolean waiting;
  private volatile boolean closed;
  private Duration pause = MIN_PAUSE;
  private long earliestNanos = System.nanoTime();

  /** Takes what carries out a run. */
  public RequestedRuns(Supplier<SyncResult> run) {
    this.run = run;
    this.timer = new ScheduledThreadPoolExecutor(1, Threads.daemons("tradesync-requested-run"));
    timer.setKeepAliveTime(IDLE_THREAD.toMillis(), TimeUnit.MILLISECONDS);
    timer.allowCoreThreadTimeOut(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Asks for a run; see {@link io.tradesync.spi.LiveWriter#requestRun}. Does nothing after {@link
   * #close}.
   */
  public synchronized void add(String reason) {
    if (closed) {
      return;
    }
    LOG.info("a run is requested: {}", reason);
    schedule(earliestNanos - System.nanoTime());
  }

  private synchronized void schedule(long delayNanos) {
    if (!closed && !waiting) {
      waiting = true;
      Future<?> unused =
          timer.schedule(this::answer, Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
    }
  }

  private void answer() {
    synchronized (this) {
      waiting = false;
      if (closed) {
        return;
      }
    }
    Duration again = once();
    synchronized (this) {
      earliestNanos = System.nanoTime() + pause.toNanos();
    }
    if (!again.isZero()) {
      schedule(again.toNanos());
    }
  }

  /** Runs once. Returns the pause before the next run; zero if the requests are answered. */
  private Duration once() {
    try {
      SyncResult result = run.get();
      boolean found = result.total() > 0;
      Duration longer = pause.multipliedBy(2);
      pause = found ? MIN_PAUSE : longer.compareTo(MAX_PAUSE) < 0 ? longer : MAX_PAUSE;
      return result.outcome() == RunOutcome.FAILED ? PAUSE_AFTER_FAILURE : Duration.ZERO;
    } catch (SyncAlreadyRunningException e) {
      // The other run may have begun before the loss.
      LOG.debug("the requested run waits for another one: {}", e.getMessage());
      return MIN_PAUSE;
    } catch (Throwable e) {
      if (!closed) {
        LOG.warn("the requested run failed and will be tried again: {}", FailureText.reason(e));
      }
      return PAUSE_AFTER_FAILURE;
    }
  }

  /** Carries out no further run; does not wait. */
  public synchronized void close() {
    closed = true;
    timer.shutdown();
  }
}
