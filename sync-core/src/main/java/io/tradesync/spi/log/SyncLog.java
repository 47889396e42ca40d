package io.tradesync.spi.log;

import io.tradesync.spi.FailureKind;
import io.tradesync.spi.TransactionalSink;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The memory of one service: which trades it processed, its runs, and who may run now. It owns the
 * transaction in which a batch is recorded and, by a {@link TransactionalSink}, written.
 *
 * <p><b>Contract.</b> Called by many threads at once, and shared by many processes. What {@link
 * #transact} committed is seen by every later call. A log that cannot be reached throws {@link
 * io.tradesync.SideUnavailableException#unreachable} with {@link io.tradesync.Side#STORE}. All
 * times it records are its own clock's, so that they compare across machines.
 */
public interface SyncLog {

  /**
   * The service whose log this is.
   *
   * @return its name
   */
  String service();

  /**
   * The type of {@link LogTransaction#handle()}, which a {@link TransactionalSink} can join.
   *
   * @return the type
   */
  Class<?> transactionType();

  /**
   * Makes ready, with the tables it needs; called once, when an engine is built. Safe when many
   * processes do it at once.
   *
   * @throws io.tradesync.InvalidSettingException if a setting is wrong; names it
   */
  default void prepare() {}

  /**
   * Tells whether the log answers; asks for as little as possible.
   *
   * @throws Exception if it does not
   */
  void probe() throws Exception;

  /**
   * Sorts a failure that only this log, or a sink in its transaction, understands.
   *
   * @param failure what was thrown
   * @return its kind, or empty if this log cannot tell
   */
  default Optional<FailureKind> classify(Throwable failure) {
    return Optional.empty();
  }

  /**
   * Does some work in one transaction: commits what was done if the work returns, else rolls it
   * back and throws what the work threw.
   *
   * @param <R> what the work returns
   * @param fence the lease under which the work is done, null for the live path. If it is no longer
   *     held, nothing is committed; a takeover waits for transactions under way
   * @param work the work
   * @return what the work returned
   * @throws LeaseLostException if the lease is no longer held
   * @throws Exception what the work threw, or a failure of the log
   */
  <R> R transact(@Nullable FencingToken fence, LogWork<R> work) throws Exception;

  /**
   * The entries.
   *
   * @return a view that is used by many threads
   */
  LogEntries entries();

  /**
   * Since when entries are gone from the source.
   *
   * @return a view that is used by many threads
   */
  OrphanTracker orphans();

  /**
   * What is remembered of the service.
   *
   * @return a view that is used by many threads
   */
  Verification verification();

  /**
   * The audit trail.
   *
   * @return a view that is used by many threads
   */
  RunHistory runs();

  /**
   * Who may run now.
   *
   * @return a view that is used by many threads
   */
  RunLease lease();
}
