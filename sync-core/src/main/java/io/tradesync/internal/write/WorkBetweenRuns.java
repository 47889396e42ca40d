package io.tradesync.internal.write;

import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.thread.Threads;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the work after commits on a thread of its own: a second after the first commit at the
 * latest, and then with pauses that are ten times as long as the work took, so that many commits
 * share it. Thread-safe.
 */
final class WorkBetweenRuns {

  private static final Logger LOG = LoggerFactory.getLogger(WorkBetweenRuns.class);

  private static final Duration MIN_PAUSE = Duration.ofSeconds(1);
  private static final Duration MAX_PAUSE = Duration.ofMinutes(1);
  private static final int PAUSE_TIMES_WORK = 10;
  private static final Duration IDLE_THREAD = Duration.ofSeconds(5);

  private final Callable<Optional<Boolean>> work;
  private final ScheduledThreadPoolExecutor timer;
  private boolean waiting;
  private boolean closed;
  private Duration pause = MIN_PAUSE;

  /** Takes the work, which says whether more is left, or nothing if another is at work. */
  WorkBetweenRuns(Callable<Optional<Boolean>> work) {
    this.work = work;
    this.timer = new ScheduledThreadPoolExecutor(1, Threads.daemons("tradesync-after-commit"));
    timer.setKeepAliveTime(IDLE_THREAD.toMillis(), TimeUnit.MILLISECONDS);
    timer.allowCoreThreadTimeOut(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Asks for the work; what was committed before is seen by it. */
  synchronized void request() {
    if (!closed && !waiting) {
      waiting = true;
      Future<?> ignored = timer.schedule(this::once, pause.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void once() {
    synchronized (this) {
      waiting = false;
    }
    long began = System.nanoTime();
    boolean again;
    Duration atLeast = MIN_PAUSE;
    try {
      // Another that is at work may have begun before the commit.
      again = work.call().orElse(true);
    } catch (Throwable e) {
      again = true;
      atLeast = longer(pause.multipliedBy(2), MIN_PAUSE);
      LOG.warn("the work after commits failed and will be tried again: {}", FailureText.reason(e));
    }
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    synchronized (this) {
      Duration next = longer(took.multipliedBy(PAUSE_TIMES_WORK), atLeast);
      pause = next.compareTo(MAX_PAUSE) < 0 ? next : MAX_PAUSE;
    }
    if (again) {
      request();
    }
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  synchronized void close() {
    closed = true;
    timer.shutdown();
  }
}
