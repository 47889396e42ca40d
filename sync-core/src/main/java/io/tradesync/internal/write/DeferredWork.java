package io.tradesync.internal.write;

import io.tradesync.InvalidSettingException;
import io.tradesync.SideUnavailableException;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.failure.Retries;
import io.tradesync.internal.failure.WriteCancelledException;
import io.tradesync.internal.thread.AbandonableWork;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.RetryLaterException;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.SyncLog;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work that a sink defers: first what it does in transactions of the log, then what no
 * transaction can do. A run waits for all of it; between runs a thread of its own does the latter.
 * Thread-safe.
 */
public final class DeferredWork {

  private static final Logger LOG = LoggerFactory.getLogger(DeferredWork.class);
  private static final Duration WAIT_FOR_ANOTHER = Duration.ofMillis(200);

  private final SyncLog log;
  private final SinkWriter sink;
  private final Retries retries;
  private final WorkBetweenRuns betweenRuns;

  DeferredWork(SyncLog log, SinkWriter sink, Retries retries) {
    this.log = log;
    this.sink = sink;
    this.retries = retries;
    this.betweenRuns = new WorkBetweenRuns(() -> sink.workAfterCommit(log));
  }

  /** Called after commits; returns at once. */
  void committed() {
    if (sink.worksAfterCommit()) {
      betweenRuns.request();
    }
  }

  /**
   * Lets the sink do its deferred work until none is left, each piece in a transaction or outside
   * of any.
   *
   * @param stopCheck asked between two pieces
   * @return how many candles the sink could not recompute
   * @throws RuntimeException if the work failed and the sink does not say how much is left
   */
  public long complete(WriteContext context, StopCheck stopCheck) {
    long[] left = new long[1];
    if (sink.joinsTransaction()) {
      AbandonableWork.run(
          () -> {
            left[0] =
                complete(() -> context.transact(log, sink::completeDeferred), context, stopCheck);
            if (left[0] == 0 && sink.worksAfterCommit()) {
              left[0] = complete(this::workAfterCommit, context, stopCheck);
            }
          });
    }
    return left[0];
  }

  private boolean workAfterCommit() throws Exception {
    return sink.workAfterCommit(log).orElseThrow(() -> new RetryLaterException(WAIT_FOR_ANOTHER));
  }

  private long complete(Callable<Boolean> piece, WriteContext context, StopCheck stopCheck) {
    boolean more = true;
    while (more) {
      try {
        more = retries.onSink(log, () -> RequestedWait.call(piece, context::isCancelled));
      } catch (LeaseLostException | InvalidSettingException | WriteCancelledException e) {
        throw e;
      } catch (RuntimeException e) {
        long left = Thread.currentThread().isInterrupted() ? 0 : count(log);
        if (left == 0) {
          throw e;
        }
        LOG.warn("{} candles are still to be recomputed: {}", left, FailureText.reason(e));
        return left;
      }
      // A run that has nothing left to do is complete, also if it is cancelled now.
      if (more) {
        stopCheck.throwIfStopped();
      }
    }
    return 0;
  }

  /**
   * Counts the candles that the sink still has to recompute.
   *
   * @param log the log, or one of the same store with other connections
   * @throws SideUnavailableException if the store or the sink is gone
   */
  public long count(SyncLog log) {
    return sink.joinsTransaction()
        ? AbandonableWork.get(
            () -> retries.onSink(log, () -> log.transact(null, sink::countDeferred)))
        : 0;
  }

  /** Begins no further work between runs; does not wait. What is left is recorded. */
  public void close() {
    betweenRuns.close();
  }
}
