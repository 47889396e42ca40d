package io.tradesync.spi.log;

import io.tradesync.spi.FailureKind;
import io.tradesync.spi.TransactionalSink;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The log of one service: which trades it processed, its runs, and which process may run now. It
 * owns the transaction in which a batch is recorded and, by a {@link TransactionalSink}, written.
 * Implement it to keep the log in another database; extend {@code SyncLogContract} of the test kit
 * to prove the implementation. {@link AbstractSyncLog} is the short way: it needs a table of
 * entries, the lease and the run history.
 *
 * <p><b>What to write.</b>
 *
 * <table>
 *   <caption>The parts of a log</caption>
 *   <tr><th>part</th><th>required</th><th>without it</th></tr>
 *   <tr><td>{@link #transact} and {@link LogTransaction#claim}; {@link ClaimRules} decides</td>
 *       <td>yes</td><td></td></tr>
 *   <tr><td>{@link #entries}: {@link LogEntries#page} and {@link LogEntries#find}</td>
 *       <td>yes</td><td></td></tr>
 *   <tr><td>the rest of {@link #entries}</td><td>no</td><td>a comparison reads all entries</td></tr>
 *   <tr><td>{@link #failedTrades}, {@link #orphans}, {@link #runs}, {@link #lease}</td>
 *       <td>yes</td><td></td></tr>
 *   <tr><td>{@link #recordsHandOuts} and what it names</td><td>no</td>
 *       <td>only a {@link TransactionalSink} can be used</td></tr>
 *   <tr><td>{@link #verification}</td><td>no</td><td>every run compares everything</td></tr>
 *   <tr><td>{@link #offersSnapshots}, {@link #snapshot}</td><td>no</td>
 *       <td>an audit does not prove what the sink holds</td></tr>
 *   <tr><td>{@link #storeDifferences}, {@link LogTransaction#adopt}</td><td>no</td>
 *       <td>no run repairs what only the proof of the sink finds</td></tr>
 *   <tr><td>{@link #offersWorkOutside}, {@link #outsideTransaction}</td><td>no</td>
 *       <td>a sink with {@link TransactionalSink#workAfterCommit} is refused</td></tr>
 *   <tr><td>{@link #scope}</td><td>no</td>
 *       <td>{@link io.tradesync.Scope#last} counts from each start of a process; nobody
 *       notices a scope that lost chains or pools, whose trades are then retracted</td></tr>
 *   <tr><td>{@link #outsideRows}</td><td>no</td>
 *       <td>rows outside the key order are counted by comparisons of everything only, and not
 *       listed</td></tr>
 *   <tr><td>{@link #transactionType} and {@link LogTransaction#handle}</td><td>no</td>
 *       <td>no sink joins the transactions</td></tr>
 *   <tr><td>{@link #prepare}, {@link #probe}, {@link #classify}</td><td>no</td>
 *       <td>see there</td></tr>
 * </table>
 *
 * <p><b>Contract.</b> Many threads call a log at once, and many processes share what it holds. What
 * {@link #transact} committed is seen by every later call. A log that cannot be reached throws
 * {@link io.tradesync.SideUnavailableException#unreachable} with {@link io.tradesync.Side#STORE}.
 * All times that it records are those of its own clock, so that they compare across machines. That
 * clock never steps: if it jumps ahead, leases and grace periods end too early, so that another run
 * may begin, whose fencing token ends the first one, and a trade that is gone for a moment may be
 * retracted until the next run; if it jumps back, both end late. Each view may be used by many
 * threads.
 */
public interface SyncLog {

  /** Returns the name of the service whose log this is. */
  String service();

  /**
   * Returns the type of {@link LogTransaction#handle()}, which a {@link TransactionalSink} joins.
   */
  default Class<?> transactionType() {
    return LogTransaction.class;
  }

  /**
   * Tells how long the sink of an engine may be at work in one transaction. Called when an engine
   * is built, before {@link #prepare}; several engines may share the log. A log that ends idle
   * transactions must not end one before the longest of these times is over. By default does
   * nothing.
   */
  default void sinkMayTake(Duration longest) {}

  /**
   * Makes the log ready, for instance by creating its tables. Called once, when an engine is built;
   * many processes may call it at once.
   *
   * @throws io.tradesync.InvalidSettingException if a setting is wrong; names it
   */
  default void prepare() {}

  /**
   * Checks whether the log answers. Asks for as little as possible; by default for the latest run.
   *
   * @throws Exception if the log does not answer
   */
  default void probe() throws Exception {
    runs().latest(1);
  }

  /**
   * Returns the kind of a failure that only this log, or a sink in its transaction, understands;
   * empty if this log cannot tell.
   */
  default Optional<FailureKind> classify(Throwable failure) {
    return Optional.empty();
  }

  /**
   * Does some work in one transaction: commits what was done if the work returns, else rolls it
   * back and throws what the work threw. It retries nothing.
   *
   * <p>If a token is given, nothing is committed unless its lease is held until the commit; another
   * run can take the lease over only after the transaction has ended.
   *
   * @param token the lease under which the work is done; null for the live path, which needs none
   * @return what the work returned
   * @throws LeaseLostException if the lease is no longer held
   * @throws Exception what the work threw, or a failure of the log
   */
  <R> R transact(@Nullable FencingToken token, LogWork<R> work) throws Exception;

  /**
   * Returns whether this log can be looked at together with what a sink in its transactions holds.
   */
  default boolean offersSnapshots() {
    return false;
  }

  /**
   * Reads the log, and what a {@link TransactionalSink} holds, as of one moment. Nothing is written
   * and nothing is locked.
   *
   * @return what the work returned
   * @throws UnsupportedOperationException if {@link #offersSnapshots} says no
   * @throws Exception what the work threw, or a failure of the log
   */
  default <R> R snapshot(SnapshotWork<R> work) throws Exception {
    throw new UnsupportedOperationException("this log offers no snapshots");
  }

  /** Returns whether this log lets a sink work outside its transactions. */
  default boolean offersWorkOutside() {
    return false;
  }

  /**
   * Lets a sink work on a connection on which no transaction is open; one process at a time for a
   * service, under a lock that ends with its holder.
   *
   * @param work called at most once
   * @return what the work returned; empty if another process, or another thread, is at work
   * @throws UnsupportedOperationException if {@link #offersWorkOutside} says no
   * @throws Exception what the work threw, or a failure of the log
   */
  default <R> Optional<R> outsideTransaction(OutsideTransaction.Work<R> work) throws Exception {
    throw new UnsupportedOperationException("this log offers no work outside its transactions");
  }

  /** Returns the record of what audits found to differ in the sink; by default there is none. */
  default StoreDifferenceRecord storeDifferences() {
    return StoreDifferenceRecord.NONE;
  }

  /**
   * Returns whether this log records what a sink outside its transactions was given: {@link
   * LogTransaction#handOut}, {@link LogTransaction#settle}, {@link LogTransaction#withdraw} and
   * {@link LogEntries#handOuts}. An engine refuses such a sink with a log that does not.
   */
  default boolean recordsHandOuts() {
    return false;
  }

  /** Returns the view that reads entries. */
  LogEntries entries();

  /** Returns the view that records failed trades. */
  FailedTrades failedTrades();

  /** Returns the view that records since when trades are gone from the source. */
  OrphanTracker orphans();

  /** Returns the view that remembers what was verified; by default nothing. */
  default Verification verification() {
    return Verification.NONE;
  }

  /** Returns the view that records the scope; by default it records nothing. */
  default ScopeRecord scope() {
    return ScopeRecord.NONE;
  }

  /** Returns the view that keeps rows outside the key order; by default it keeps nothing. */
  default OutsideRows outsideRows() {
    return OutsideRows.NONE;
  }

  /** Returns the run history. */
  RunHistory runs();

  /** Returns the leases of runs and audits. */
  RunLease lease();
}
