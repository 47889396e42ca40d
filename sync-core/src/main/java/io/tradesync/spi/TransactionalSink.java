package io.tradesync.spi;

/**
 * A sink that writes within the log's own transaction, so that its rows and the log's are committed
 * together or not at all: each change takes effect exactly once, without any care of the sink's.
 *
 * <p><b>Contract.</b> As {@link AnalyticsSink}, but everything is done through the transaction
 * given, which the sink neither commits, rolls back nor closes, and does not keep. Where rows are
 * locked, they are locked in key order, so that two batches cannot wait for each other.
 *
 * @param <T> the type of the log's transactions, for example {@code java.sql.Connection}
 */
public interface TransactionalSink<T> extends AnalyticsSink {

  /**
   * The type of transaction that this sink joins; an engine is not built with a log that offers
   * another one.
   *
   * @return the type
   */
  Class<T> transactionType();

  /**
   * Carries out all changes of a batch, or of several that share the transaction (see {@link
   * io.tradesync.SyncEngineBuilder#groupCommit}). If it throws for several, nothing is committed
   * and it is called for each of them.
   *
   * @param batch the changes, of the kinds of {@link #capabilities()} only
   * @param transaction the log's transaction
   * @throws Exception if they cannot be carried out; the transaction is then rolled back
   */
  void write(TradeBatch batch, T transaction) throws Exception;

  /**
   * Makes ready, in a transaction of its own; called once, when an engine is built.
   *
   * @param service the service whose trades this sink will hold
   * @param transaction the log's transaction
   * @throws Exception if the sink cannot be used; the transaction is then rolled back
   */
  default void prepare(String service, T transaction) throws Exception {}

  /**
   * Does a bounded piece of the work that {@link #write} deferred, such as recomputing aggregates
   * after a force. A run calls it after its batches, each call in a transaction of its own, until
   * nothing is left. If the run dies, the next run calls it.
   *
   * @param transaction the log's transaction
   * @return whether there is more to do
   * @throws Exception if it cannot be done; the transaction is then rolled back
   */
  default boolean completeDeferred(T transaction) throws Exception {
    return false;
  }

  /** Never called: this sink writes through a transaction. */
  @Override
  default void write(TradeBatch batch) {
    throw new UnsupportedOperationException("this sink writes through a transaction");
  }
}
