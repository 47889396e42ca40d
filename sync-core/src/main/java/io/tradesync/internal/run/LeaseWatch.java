package io.tradesync.internal.run;

import io.tradesync.TradesyncException;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.thread.Threads;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseLostException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the log, while a worker carries out a unit, whether the coordinator still holds its lease
 * and whether the run is to stop. It never renews the lease: a coordinator that died loses it.
 */
final class LeaseWatch implements StopCheck, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LeaseWatch.class);
  private static final long PAUSE_MILLIS = 1_000;

  private final RunContext context;
  private final FencingToken token;
  private final BooleanSupplier closed;
  private final StopSignal stop;
  private final ScheduledExecutorService timer;
  private volatile @Nullable RuntimeException failure;

  /**
   * Begins to watch.
   *
   * @param closed whether the worker's engine was closed
   * @param stop is set when the unit is to stop, for whatever reason
   * @throws LeaseLostException if the lease is not held now
   */
  LeaseWatch(RunContext context, FencingToken token, BooleanSupplier closed, StopSignal stop) {
    this.context = context;
    this.token = token;
    this.closed = closed;
    this.stop = stop;
    look();
    if (failure != null) {
      throw failure;
    }
    this.timer = Executors.newSingleThreadScheduledExecutor(Threads.daemons("tradesync-lease"));
    Future<?> unused =
        timer.scheduleWithFixedDelay(
            this::lookAgain, PAUSE_MILLIS, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void lookAgain() {
    try {
      look();
    } catch (Throwable e) {
      // Without the lease nothing is committed, so that a look may be missed.
      LOG.warn("run {}: its lease could not be read: {}", token.runId(), FailureText.reason(e));
    }
  }

  private void look() {
    if (closed.getAsBoolean()) {
      end(new TradesyncException("the engine of the worker was closed"));
    } else if (!context.writer().holdsLease(token)) {
      end(new LeaseLostException(token));
    } else if (context.log().lease().isCancelRequested(token)) {
      stop.cancel();
    }
  }

  private void end(RuntimeException reason) {
    failure = reason;
    stop.cancel();
  }

  @Override
  public void throwIfStopped() {
    RuntimeException thrown = failure();
    if (thrown != null) {
      throw thrown;
    }
    stop.throwIfStopped();
  }

  /** Why the unit is to end; null if it is not, or if its run was cancelled. */
  @Nullable RuntimeException failure() {
    stop.noticeInterrupt();
    RuntimeException known = failure;
    return known == null && stop.wasInterrupted()
        ? new TradesyncException("the worker was interrupted")
        : known;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
