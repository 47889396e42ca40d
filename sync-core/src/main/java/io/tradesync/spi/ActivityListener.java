package io.tradesync.spi;

import io.tradesync.SyncHealth;
import io.tradesync.SyncListener;
import java.time.Duration;

/**
 * Hears of runs as every {@link SyncListener} does, and also what the threads of an engine are busy
 * with and how long it takes; for metrics and tracing. Give it to {@link
 * io.tradesync.SyncEngineBuilder#listener}. {@code io.tradesync.micrometer.SyncMetrics} is one.
 *
 * <p>The engine calls the methods of this interface on the threads that do the work, several at the
 * same time, so they must be thread-safe and quick. An exception is logged and changes nothing.
 */
public interface ActivityListener extends SyncListener {

  /** Does nothing. */
  ActivityListener NOOP = new ActivityListener() {};

  /** Health was computed, for whichever caller. */
  default void healthComputed(SyncHealth health) {}

  /**
   * A thread begins to write batches, which share a transaction if that succeeds. The thread calls
   * {@link #writingEnded} afterwards in any case.
   *
   * @param runId the run; empty on the live path
   */
  default void writingStarted(String runId, int batches) {}

  /**
   * A thread has written batches, has marked what failed in them, or was stopped by a failure.
   *
   * @param runId the run; empty on the live path
   * @param took the time since {@link #writingStarted}, attempts and pauses included
   */
  default void writingEnded(String runId, int batches, Duration took) {}

  /**
   * The log has committed a transaction that wrote trades.
   *
   * @param runId the run; empty on the live path
   * @param transaction from its begin to the answer to the commit
   * @param commit the part of it after the last statement of the sink and the log
   */
  default void committed(String runId, Duration transaction, Duration commit) {}

  /** A call of a side, or an attempt at a batch, failed and will be tried again. */
  default void tryingAgain(FailureKind kind) {}

  /**
   * A live feed has seen the commit of what a message brought; see {@link LiveWriter#committed}.
   *
   * @param feed the feed's name
   * @param latency from the publication of the message until now, never negative; wrong by as much
   *     as the clocks of the publisher and of this process differ
   */
  default void messageCommitted(String feed, Duration latency) {}
}
