package io.tradesync.internal.write;

import io.tradesync.KeyRange;
import io.tradesync.spi.ActivityListener;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LogWork;
import io.tradesync.spi.log.SyncLog;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Says for whom trades are written, how far a claim may go, and which trades count. */
public sealed interface WriteContext {

  /**
   * Returns the context of a run: it commits only while the run holds its lease.
   *
   * @param maxFailedBatches how many batches in a row may fail as a whole
   * @param cancelled whether the run was asked to stop
   * @param listener hears of the writing; never throws
   */
  static WriteContext ofRun(
      FencingToken lease,
      ClaimMode mode,
      KeyRange scope,
      int maxFailedBatches,
      BooleanSupplier cancelled,
      ActivityListener listener) {
    return new OfRun(lease, mode, scope, new FailureStreak(maxFailedBatches), cancelled, listener);
  }

  /** Returns the context of the live path, which needs no lease. */
  static WriteContext live(ClaimMode mode, KeyRange scope, ActivityListener listener) {
    return new Live(mode, scope, listener);
  }

  ClaimMode mode();

  KeyRange scope();

  /** The run's id as the log records it. */
  String runId();

  /** Counts the batches in a row that failed. */
  FailureStreak failureStreak();

  /** Whether the work was asked to stop; the live path never is. */
  boolean isCancelled();

  /**
   * Whether the thread may be interrupted by others than the sink: the workers of a run are, after
   * it was cancelled; threads of the live path are its callers'.
   */
  boolean mayBeInterrupted();

  /** Returns the context in which trades are written that the source was just asked for by id. */
  WriteContext confirmed();

  /** Hears of the writing. */
  ActivityListener listener();

  /** The right to commit; null on the live path, which needs none. */
  @Nullable FencingToken lease();

  /** Does work in a transaction of the log. */
  default <R> R transact(SyncLog log, LogWork<R> work) throws Exception {
    long began = System.nanoTime();
    long[] workedUntil = new long[1];
    R result =
        log.transact(
            lease(),
            transaction -> {
              R answer = work.apply(transaction);
              workedUntil[0] = System.nanoTime();
              return answer;
            });
    long ended = System.nanoTime();
    listener()
        .committed(
            runId(), Duration.ofNanos(ended - began), Duration.ofNanos(ended - workedUntil[0]));
    return result;
  }

  /** A run. */
  record OfRun(
      FencingToken lease,
      ClaimMode mode,
      KeyRange scope,
      FailureStreak failureStreak,
      BooleanSupplier cancelled,
      ActivityListener listener)
      implements WriteContext {

    @Override
    public boolean isCancelled() {
      return cancelled.getAsBoolean();
    }

    @Override
    public boolean mayBeInterrupted() {
      return isCancelled();
    }

    @Override
    public String runId() {
      return lease.runId();
    }

    @Override
    public WriteContext confirmed() {
      return new OfRun(lease, ClaimMode.CONFIRMED, scope, failureStreak, cancelled, listener);
    }
  }

  /** The live path. */
  record Live(ClaimMode mode, KeyRange scope, ActivityListener listener) implements WriteContext {

    @Override
    public String runId() {
      return "";
    }

    @Override
    public FailureStreak failureStreak() {
      return FailureStreak.unlimited();
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public boolean mayBeInterrupted() {
      return true;
    }

    @Override
    public WriteContext confirmed() {
      return new Live(ClaimMode.CONFIRMED, scope, listener);
    }

    @Override
    public @Nullable FencingToken lease() {
      return null;
    }
  }
}
