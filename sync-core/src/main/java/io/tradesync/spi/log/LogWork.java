package io.tradesync.spi.log;

/**
 * Work to be done in one transaction of the log.
 *
 * @param <R> what it returns
 */
@FunctionalInterface
public interface LogWork<R> {

  /**
   * Does the work.
   *
   * @param transaction the transaction; not to be kept
   * @return the result
   * @throws Exception to have everything rolled back
   */
  R apply(LogTransaction transaction) throws Exception;
}
