package io.tradesync;

/**
 * Hears what runs do. A run calls its listeners on its own threads, one call at a time and in
 * order, so that a slow listener slows the run down. An exception that a listener throws is logged
 * and changes nothing. Nothing is repeated after a crash: the run history tells what a dead run
 * did.
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

  /** A run has ended, and its end is recorded in the run history. */
  default void runEnded(SyncResult result) {}
}
