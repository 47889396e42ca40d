package io.tradesync.spi.log;

import io.tradesync.TradeKey;
import io.tradesync.spi.Retention;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedSet;

/** One transaction of the log. One thread uses it, and only within {@link SyncLog#transact}. */
public interface LogTransaction {

  /**
   * Claims trades: locks their entries, records as processed or retracted what is not so yet, and
   * says what the sink has to do. Called once a transaction. {@link ClaimRules} decides what
   * becomes of each trade; the log looks up what the rules need, and records their decision.
   *
   * <p>A claim of a trade that another transaction has claimed waits until that transaction ends,
   * and then sees its outcome: of any number of claims of one content, one commits.
   *
   * <p><b>An id counts once.</b> The log tracks at which key an id is as long as its trade can
   * move: from when it is claimed, unless it is {@link Verification#TRACKED_SECONDS} or more below
   * the second announced to {@link Verification#begin}, until it is verified and as old; and for
   * trades that are recorded as gone by {@link OrphanTracker}. A log that does not track ids looks
   * them up among all its entries, however old.
   *
   * <p>Locks are taken in one order: tracked ids, then entries in key order.
   *
   * @throws Exception a failure of the log; the transaction is then rolled back
   */
  Claim claim(ClaimRequest request) throws Exception;

  /**
   * Records how far back the sink keeps trades, so that every later transaction knows; by default
   * nothing is recorded, and only the beginning of a run knows.
   */
  default void retain(Retention retention) {}

  /** Returns the retention boundary at the time of this transaction; empty if there is none. */
  default OptionalLong retainedSince() {
    return OptionalLong.empty();
  }

  /**
   * Makes entries say what the sink really holds: locks them in key order, reads what the sink
   * holds, and records a row as processed with the content that it has (with another one if it is
   * not sound), and the absence of a row as retracted. Marks the sub-ranges of these keys.
   *
   * @param keys the keys; the log need not hold an entry of them
   * @param held called once, after the entries are locked
   * @param runId the run
   * @throws UnsupportedOperationException if the log records no {@link SyncLog#storeDifferences}
   * @throws Exception a failure of the log or the sink; the transaction is then rolled back
   */
  default void adopt(SortedSet<TradeKey> keys, HeldReader held, String runId) throws Exception {
    throw new UnsupportedOperationException("this log records no differences of the sink");
  }

  /** Removes a sub-range from {@link SyncLog#storeDifferences}, if it is recorded. */
  default void storeRepaired(long fromEpochSecond) {}

  /**
   * Records what a sink outside the transaction is about to be given, and changes no entry that the
   * sink may hold. Called once a transaction, in one that is committed before the sink is called.
   * {@link HandOutRules} decides; the log looks up what the rules need under the locks that {@link
   * #claim} takes, draws the new revisions under them, and records {@link HandOut#of} of each new
   * change in place of what was recorded for its keys. The id of a write is at its key from now on.
   * Marks the sub-ranges of these keys.
   *
   * @throws UnsupportedOperationException if the log {@linkplain SyncLog#recordsHandOuts records no
   *     hand-outs}
   * @throws Exception a failure of the log; the transaction is then rolled back
   */
  default HandedOut handOut(ClaimRequest request) throws Exception {
    throw new UnsupportedOperationException("this log records no hand-outs");
  }

  /**
   * Records changes that were handed out as carried out. Called once a transaction, before the sink
   * is called; if the sink then fails, the transaction is rolled back. Locks ids and entries as
   * {@link #claim} does, then their hand-outs, and goes on with {@link HandOutRules#current} only:
   *
   * <ul>
   *   <li>The entry of a trade becomes processed, and is created if there is none. The id's entries
   *       at other keys that were handed out, or that it leaves, become retracted. The id is at the
   *       new key now. All hand-outs of the id are answered.
   *   <li>The entry of a retraction becomes retracted, if there is one, and the hand-out of its key
   *       is answered.
   * </ul>
   *
   * @param changes changes of one or more ids that {@link #handOut} returned
   * @param runId the run; empty for the live path
   * @return the changes to be carried out, in the same order
   * @throws Exception a failure of the log; the transaction is then rolled back
   */
  default List<TradeChange> settle(List<TradeChange> changes, String runId) throws Exception {
    throw new UnsupportedOperationException("this log records no hand-outs");
  }

  /**
   * Takes back hand-outs that are certainly not in the sink: deletes those of these revisions. An
   * id that was to move is at its old key again.
   *
   * @param changes changes that {@link #handOut} returned and that the sink refused by name
   * @throws Exception a failure of the log; the transaction is then rolled back
   */
  default void withdraw(List<TradeChange> changes) throws Exception {
    throw new UnsupportedOperationException("this log records no hand-outs");
  }

  /**
   * Returns the transaction as a {@link TransactionalSink} joins it: an object of {@link
   * SyncLog#transactionType()}.
   *
   * <p>After the sink returned and before the commit, the log checks that the transaction can be
   * committed and is still the one that the sink got. If the sink ignored a failure of the
   * transaction or ended it, {@link SyncLog#transact} throws a {@link TransactionMisusedException},
   * which names it as the sink's failure.
   */
  default Object handle() {
    return this;
  }

  /**
   * Ends the transaction without a commit, and frees its locks, while the sink that does not return
   * is still at work in it. Called by another thread than the transaction's, perhaps when the
   * transaction has ended already. Nothing that is done in the transaction later may be committed,
   * and {@link SyncLog#transact} throws. By default does nothing: then the locks are held until the
   * sink returns, and the transaction is rolled back then.
   */
  default void abort() {}
}
