package io.tradesync.internal.write;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.failure.LateSinkException;
import io.tradesync.internal.thread.Abandonable;
import io.tradesync.internal.thread.Threads;
import io.tradesync.spi.SinkUnavailableException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits the time of each call of an engine's sink. A late call is logged after half of the limit,
 * and interrupted at its end. If it does not return then, its transaction is aborted; if it still
 * does not return, it is abandoned, and the sink is not called while an abandoned call is under
 * way. The calls happen on their own threads; one timer thread serves all engines. Thread-safe.
 */
public final class SinkWatch {

  private static final Logger LOG = LoggerFactory.getLogger(SinkWatch.class);
  private static final Duration LONGEST_GRACE = Duration.ofSeconds(5);
  private static final ScheduledThreadPoolExecutor TIMER = timer();

  /** A call of the sink. */
  @FunctionalInterface
  interface SinkCall<R> {
    R call() throws Exception;
  }

  private final Duration limit;
  private final long grace;
  private final Set<CallUnderWay> underWay = ConcurrentHashMap.newKeySet();
  private final Set<CallUnderWay> abandoned = ConcurrentHashMap.newKeySet();

  /** Takes in how long a call may take; positive. */
  public SinkWatch(Duration limit) {
    this.limit = limit;
    this.grace = (limit.compareTo(LONGEST_GRACE) < 0 ? limit : LONGEST_GRACE).toNanos();
  }

  private static ScheduledThreadPoolExecutor timer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(1, Threads.daemons("tradesync-sink-timer"));
    timer.setRemoveOnCancelPolicy(true);
    timer.setKeepAliveTime(1, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
    return timer;
  }

  /** How long a call is under way at most before it is abandoned. */
  public Duration longestCall() {
    return limit.plusNanos(grace);
  }

  /**
   * Calls the sink on this thread.
   *
   * @param abort aborts the call's transaction; called by another thread
   * @throws LateSinkException if the sink had to be interrupted, whatever it then did
   * @throws SinkUnavailableException if this call or an earlier one was abandoned
   * @throws Exception what the sink threw
   */
  <R> R call(Runnable abort, SinkCall<R> sink) throws Exception {
    if (!abandoned.isEmpty()) {
      throw notReturned(null);
    }
    CallUnderWay call = new CallUnderWay(Thread.currentThread(), abort);
    R result;
    try {
      result = sink.call();
    } catch (Throwable e) {
      call.end(e);
      throw e;
    }
    call.end(null);
    return result;
  }

  /**
   * Whether the calling thread is inside a call of this engine's sink. Such a thread must not wait
   * for the engine, which waits for the sink.
   */
  public boolean isCalling() {
    Thread self = Thread.currentThread();
    return underWay.stream().anyMatch(call -> call.thread == self);
  }

  private SinkUnavailableException notReturned(@Nullable Throwable cause) {
    return new SinkUnavailableException(
        "it did not return within " + limit + " (sinkTimeout), and ignored the interrupt", cause);
  }

  /** Aborts and abandons all calls that are under way; returns at once. */
  public void abandonAll() {
    underWay.forEach(
        call -> {
          call.abortTransaction();
          call.abandon();
        });
  }

  /** A call that is under way. */
  private final class CallUnderWay {
    private final Thread thread;
    private final Runnable abort;
    private final long began = System.nanoTime();
    private Future<?> next;
    private boolean ended;
    private boolean interrupted;
    private boolean isAbandoned;

    @SuppressWarnings("FutureReturnValueIgnored")
    CallUnderWay(Thread thread, Runnable abort) {
      this.thread = thread;
      this.abort = abort;
      underWay.add(this);
      this.next = TIMER.schedule(this::warn, limit.toNanos() / 2, TimeUnit.NANOSECONDS);
    }

    private synchronized void then(Runnable step, long nanos) {
      if (!ended) {
        next = TIMER.schedule(step, nanos, TimeUnit.NANOSECONDS);
      }
    }

    private void warn() {
      LOG.warn("the sink has not returned for {}; it is interrupted after {}", time(), limit);
      then(this::interrupt, limit.toNanos() - limit.toNanos() / 2);
    }

    private synchronized void interrupt() {
      if (!ended) {
        LOG.warn("the sink has not returned for {} and is interrupted", time());
        interrupted = true;
        thread.interrupt();
        then(this::abortLate, grace / 2);
      }
    }

    private void abortLate() {
      abortTransaction();
      then(this::abandon, grace - grace / 2);
    }

    // On a thread of its own, since it may have to wait for a server.
    void abortTransaction() {
      Runnable quietly =
          () -> {
            try {
              abort.run();
            } catch (RuntimeException e) {
              LOG.warn("a transaction could not be aborted: {}", FailureText.reason(e));
            }
          };
      Threads.daemons("tradesync-abort").newThread(quietly).start();
    }

    synchronized void abandon() {
      if (ended || isAbandoned) {
        return;
      }
      isAbandoned = true;
      abandoned.add(this);
      LOG.error(
          "the sink has not returned for {} and ignored the interrupt; it is not called again until"
              + " it does, and its transaction is aborted",
          time());
      if (thread instanceof Abandonable worker) {
        worker.abandon(
            SideUnavailableException.unreachable(
                Side.SINK, FailureText.reason(notReturned(null)), null));
      }
    }

    /** Ends the watch; throws if the call was late. */
    void end(@Nullable Throwable thrown) throws LateSinkException {
      underWay.remove(this);
      synchronized (this) {
        ended = true;
        next.cancel(false);
        if (interrupted) {
          // The interrupt was for this call only.
          boolean ignored = Thread.interrupted();
        }
      }
      if (abandoned.remove(this)) {
        LOG.info("the sink returned after {} and is called again", time());
        throw notReturned(thrown);
      }
      if (interrupted) {
        throw new LateSinkException(limit, thrown);
      }
    }

    private Duration time() {
      return Duration.ofMillis(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    }
  }
}
