package io.tradesync;

import java.util.concurrent.CompletableFuture;

/** A run that was submitted and holds the lease. Thread-safe. */
public interface RunHandle {

  /** The run's id in the run history. */
  String runId();

  /** Returns how far the run is now. Its total is 0 until the run knows what it has to do. */
  RunProgress progress();

  /**
   * Asks the run to stop at the next batch boundary; returns at once. Batches under way are
   * committed. The next run continues from there.
   */
  void cancel();

  /**
   * Returns a future of the result. It completes when the run, and a force that was resumed after
   * it, have ended. It fails only if the run could not be recorded in the run history. Completing
   * or cancelling the returned future has no effect on the run.
   */
  CompletableFuture<SyncResult> result();
}
