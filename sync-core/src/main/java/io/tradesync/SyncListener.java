package io.tradesync;

import java.util.List;

/**
 * Hears what runs and the live path do. A run calls its listeners on its own threads, one call at a
 * time and in order, so that a slow listener slows the run down. The live path calls {@link
 * #tradesFailed} on the thread that called {@link SyncEngine#ingest} or {@link SyncEngine#catchUp},
 * also while a run calls a listener, so that method must be thread-safe.
 *
 * <p>An exception that a listener throws is logged and changes nothing. A process that dies between
 * a commit and the call never makes the call, and nothing is repeated: the run history records what
 * a dead run did, and {@link SyncEngine#failedTrades} lists every trade that failed.
 */
public interface SyncListener {

  /** Does nothing. */
  SyncListener NOOP = new SyncListener() {};

  /** A run holds the lease, is recorded in the run history, and begins to compare both sides. */
  default void runStarted(String runId, RunKind kind) {}

  /** A run knows how many trades it will process; called before its first batch. */
  default void runPlanned(String runId, long total) {}

  /** A batch is finished: its trades are committed or marked as failed. */
  default void batchFinished(BatchProgress progress) {}

  /**
   * Trades could not be processed, and the log has marked them. A run makes this call just before
   * {@link #batchFinished} for the batch of these trades.
   *
   * @param trades the marked trades, as {@link SyncEngine#failedTrades} lists them now; never
   *     empty, unmodifiable. A trade that {@linkplain FailedTrade#parked() is parked} is not tried
   *     again until it is released or has other content. A trade whose run id is empty failed on
   *     the live path
   */
  default void tradesFailed(List<FailedTrade> trades) {}

  /** A run has ended, and its end is recorded in the run history. */
  default void runEnded(SyncResult result) {}
}
