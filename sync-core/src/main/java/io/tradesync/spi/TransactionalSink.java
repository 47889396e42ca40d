package io.tradesync.spi;

import io.tradesync.TradeKey;
import java.util.List;
import java.util.Optional;

/**
 * A sink that writes in the log's own transaction: its rows and the log's are committed together or
 * not at all. So each change takes effect exactly once, and the sink need not discard repeats.
 *
 * <p><b>Contract.</b> As {@link AnalyticsSink}, but the sink does everything through the
 * transaction that it is given, on the thread that calls it. It neither commits nor rolls back nor
 * closes nor keeps it, and leaves its session as it was: what a sink leaves there beyond the
 * transaction (a setting, an advisory lock, a temporary table) stays with a connection that others
 * use. If a statement fails, it throws, or rolls back to a savepoint of its own: a database that
 * cannot commit a transaction after an error rolls everything back, so the log takes an ignored
 * error for a failure of the batch. A log may have constraints of its own that hold at the commit
 * only, so the sink names the constraints that it sets immediate. It locks rows in key order, so
 * that two batches cannot wait for each other.
 *
 * @param <T> the type of the log's transactions, for example {@code java.sql.Connection}
 */
public interface TransactionalSink<T> extends AnalyticsSink {

  /** The type of transaction that this sink joins. An engine refuses a log that offers another. */
  Class<T> transactionType();

  /**
   * Carries out all changes of a batch, or of several batches that share the transaction (see
   * {@link io.tradesync.SyncEngineBuilder#groupCommit}). If it throws for several, nothing is
   * committed, and it is called again for each of them.
   *
   * @param batch changes of the kinds of {@link #capabilities()} only
   * @param transaction the log's transaction
   * @throws io.tradesync.InvalidSettingException if the sink can no longer be used with its
   *     settings; the run ends, and no trade is marked
   * @throws Exception if they cannot be carried out; the transaction is then rolled back
   */
  void write(TradeBatch batch, T transaction) throws Exception;

  /**
   * Whether this sink uses {@link TradeChange#revision()} or {@link TradeBatch#idempotencyKey()}.
   * In the log's transaction neither is needed for exactness. If it uses neither, the changes have
   * revision 0, and each transaction takes one statement less. Must always return the same.
   */
  default boolean usesRevisions() {
    return true;
  }

  /**
   * Prepares the sink, in a transaction of its own. Called once, when an engine is built. It may
   * create tables and indexes, so {@link io.tradesync.SyncEngineBuilder#sinkTimeout} does not limit
   * it, as it does all other methods that have a transaction.
   *
   * @param service the service whose trades this sink will hold
   * @param transaction the log's transaction
   * @throws Exception if the sink cannot be used; the transaction is then rolled back
   */
  default void prepare(String service, T transaction) throws Exception {}

  /**
   * Does a bounded piece of the work that {@link #write} deferred, such as recomputing aggregates
   * after a force. A run calls it after its batches, each call in a transaction of its own, until
   * nothing is left. If the run dies, or if it throws, the next run calls it.
   *
   * @param transaction the log's transaction
   * @return whether there is more to do
   * @throws Exception if it cannot be done; the transaction is then rolled back
   */
  default boolean completeDeferred(T transaction) throws Exception {
    return false;
  }

  /**
   * Counts the candles, or other aggregates, that {@link #completeDeferred} and {@link
   * #workAfterCommit} still have to recompute. If one of them throws and this is not 0, the run
   * ends as usual, and its message names the number.
   *
   * @param transaction the log's transaction
   * @return the number; 0 by default
   * @throws Exception if they cannot be counted; the transaction is then rolled back
   */
  default long countDeferred(T transaction) throws Exception {
    return 0;
  }

  /**
   * Tells how far back this sink keeps trades; by default for ever. What is below the retention
   * boundary is out of scope: the engine neither compares nor writes it. The boundary never goes
   * back, so the sink records it. Called after {@link #prepare} in the same transaction, and at the
   * beginning of runs, audits and health checks, each time in a transaction of its own.
   *
   * @param oldestProcessed the oldest processed entry at or above the boundary; empty if there is
   *     none. If the sink holds nothing as old as this, its trades were dropped
   * @param transaction the log's transaction
   * @throws Exception if it cannot be told; the transaction is then rolled back
   */
  default Retention retention(Optional<TradeKey> oldestProcessed, T transaction) throws Exception {
    return Retention.FOREVER;
  }

  /**
   * Offers digests of what this sink holds, so that an audit can prove it; by default none. Must
   * always return the same.
   *
   * @param attributeNames the names of the attributes that every trade has, in their order; empty
   *     if they are not known
   */
  default Optional<SinkDigests<T>> digests(Optional<List<String>> attributeNames) {
    return Optional.empty();
  }

  /**
   * Returns the work of this sink that no transaction can do; by default there is none. Must always
   * return the same. An engine refuses a log that does not {@linkplain
   * io.tradesync.spi.log.SyncLog#offersWorkOutside offer} it.
   */
  default Optional<WorkAfterCommit<T>> workAfterCommit() {
    return Optional.empty();
  }

  /** Never called: this sink writes through a transaction. */
  @Override
  default void write(TradeBatch batch) {
    throw new UnsupportedOperationException("this sink writes through a transaction");
  }
}
