package io.tradesync.spi.log;

import io.tradesync.spi.Retention;
import io.tradesync.spi.TransactionalSink;
import java.util.OptionalLong;

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
   * Returns the transaction as a {@link TransactionalSink} joins it: an object of {@link
   * SyncLog#transactionType()}.
   *
   * <p>After the sink returned and before the commit, the log checks that the transaction can be
   * committed and is still the one that the sink got. If the sink ignored a failure of the
   * transaction or ended it, {@link SyncLog#transact} throws an exception that says so.
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
