package io.tradesync;

/**
 * Too many batches of a run failed in a row, each as a whole, for a reason that was not proven to
 * be in their trades; see {@link SyncEngineBuilder#maxFailedBatches}. It ends the run, and stands
 * in {@link SyncResult#failure()}.
 */
public final class FailedBatchesException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  /**
   * Describes the row of failures.
   *
   * @param batches how many batches failed in a row
   * @param side where the last one failed
   * @param reason why the last one failed, in one line without secrets
   */
  public FailedBatchesException(int batches, Side side, String reason) {
    super(
        batches
            + " batches in a row failed, the last one in the "
            + side.label()
            + " with: "
            + reason);
  }
}
