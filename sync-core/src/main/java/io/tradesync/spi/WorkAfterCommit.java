package io.tradesync.spi;

/**
 * Work of a {@link TransactionalSink} that no transaction can do, such as refreshing continuous
 * aggregates.
 *
 * <p><b>Contract.</b> {@link TransactionalSink#write} records what there is to do, in its
 * transaction. So a crash loses nothing, and whoever works later finds it. The engine calls {@link
 * #work} after commits, also those of the live path, with a pause between two calls; and at the end
 * of each run until nothing is left. One process at a time works, under a lock of the log that ends
 * with its holder. A process that loses the lock because it is stopped for long may work beside
 * another one, and that must do no harm. Used by many threads.
 *
 * @param <T> the type of the log's transactions, here one that is not open
 */
@FunctionalInterface
public interface WorkAfterCommit<T> {

  /**
   * Does a bounded piece of what was recorded before the call. The time limit of the sink holds for
   * each call.
   *
   * @param connection what a transaction of the log is usually open on. None is: each statement
   *     commits by itself. The sink leaves it as it was, and does not keep it
   * @return whether more is left of what was recorded before the call
   * @throws Exception if it cannot be done. The run ends as usual, and its message names {@link
   *     TransactionalSink#countDeferred}; the work is tried again later
   */
  boolean work(T connection) throws Exception;
}
