package io.tradesync.spi;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.List;

/** One transaction of the log; used by one thread, and only within {@link SyncLog#transact}. */
public interface LogTransaction {

  /**
   * Locks the entries of some trades and records those as processed that are not so yet. A
   * concurrent claim of the same trade waits until this transaction ended and then sees its
   * outcome: of any number of claims of one content, one commits. Locks are taken in key order.
   *
   * @param trades trades in key order, each key once
   * @param mode how far to go against what the log holds
   * @param runId the run, empty for the live path
   * @return what was claimed and what was not
   */
  Claim claim(List<Trade> trades, ClaimMode mode, String runId);

  /**
   * Locks the entries of some trades and records those as retracted that are processed or failed.
   *
   * @param keys keys in key order, each once
   * @param runId the run
   * @return a {@link TradeChange.Retract} for each entry that was processed, in key order
   */
  List<TradeChange> retract(List<TradeKey> keys, String runId);

  /**
   * The transaction as a {@link TransactionalSink} joins it.
   *
   * @return an object of the type of {@link SyncLog#transactionType()}
   */
  Object handle();
}
