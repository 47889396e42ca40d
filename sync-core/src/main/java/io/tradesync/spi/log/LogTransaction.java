package io.tradesync.spi.log;

import io.tradesync.spi.TransactionalSink;

/** One transaction of the log; used by one thread, and only within {@link SyncLog#transact}. */
public interface LogTransaction {

  /**
   * Locks the entries of what is offered, and records as processed or retracted what is not so yet.
   * Called once a transaction. A concurrent claim of the same trade waits until this transaction
   * ended and then sees its outcome: of any number of claims of one content, one commits.
   *
   * <p><b>An id counts once.</b> The log remembers at which key an id stands as long as the trade
   * can move or come once more from where it was: from when it is claimed at most {@link
   * Verification#REMEMBERED_SECONDS} below the second announced to {@link Verification#begin} until
   * it is verified and as old, and for those noted in {@link OrphanTracker}. A trade whose id
   * stands at another key is disputed; in {@link ClaimMode#CONFIRMED} it takes the other's place,
   * whose entry becomes retracted.
   *
   * <p>Locks are taken in one order: remembered ids, then entries in key order.
   *
   * @param request what is offered
   * @return what was claimed and what was not
   * @throws Exception a failure of the log; the transaction is then rolled back
   */
  Claim claim(ClaimRequest request) throws Exception;

  /**
   * The transaction as a {@link TransactionalSink} joins it.
   *
   * @return an object of the type of {@link SyncLog#transactionType()}
   */
  Object handle();
}
