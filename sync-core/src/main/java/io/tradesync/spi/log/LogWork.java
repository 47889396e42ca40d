package io.tradesync.spi.log;

/** Work to be done in one transaction of the log; see {@link SyncLog#transact}. */
@FunctionalInterface
public interface LogWork<R> {

  /**
   * Does the work.
   *
   * @param transaction the transaction; must not be kept
   * @throws Exception to have everything rolled back
   */
  R apply(LogTransaction transaction) throws Exception;
}
