package io.tradesync;

/**
 * Is told what runs do. Calls come from the run's own threads, one at a time and in order for one
 * run; a slow listener slows the run down. What a listener throws is logged and changes nothing.
 * After a crash nothing is told again: what a dead run did stands in the audit trail.
 */
public interface SyncListener {

  /** Does nothing. */
  SyncListener NOOP = new SyncListener() {};

  /**
   * A run holds the lease, stands in the audit trail, and begins to compare the two sides.
   *
   * @param runId the run
   * @param kind what it was asked to do
   */
  default void runStarted(String runId, RunKind kind) {}

  /**
   * A run knows what it has to do; called before its first batch.
   *
   * @param runId the run
   * @param total how many trades it will process
   */
  default void runPlanned(String runId, long total) {}

  /**
   * One more batch is finished: committed, or marked as failed.
   *
   * @param progress where the run stands
   */
  default void batchFinished(BatchProgress progress) {}

  /**
   * A run has ended and stands so in the audit trail.
   *
   * @param result what it did
   */
  default void runEnded(SyncResult result) {}
}
