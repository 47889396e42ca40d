package io.tradesync.spi.log;

import io.tradesync.spi.TransactionalSink;

/** A connection of the log on which no transaction is open. One thread uses it. */
public interface OutsideTransaction {

  /**
   * Returns the connection, of type {@link SyncLog#transactionType()}, for a {@link
   * TransactionalSink}.
   */
  Object handle();

  /**
   * Ends what is under way on the connection. Called by another thread, perhaps when the work has
   * ended already. By default does nothing.
   */
  default void abort() {}

  /**
   * Work outside a transaction.
   *
   * @param <R> what the work returns
   */
  @FunctionalInterface
  interface Work<R> {

    /** Does the work; what it throws, {@link SyncLog#outsideTransaction} throws. */
    R apply(OutsideTransaction connection) throws Exception;
  }
}
