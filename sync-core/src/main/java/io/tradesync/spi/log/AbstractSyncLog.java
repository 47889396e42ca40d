package io.tradesync.spi.log;

import io.tradesync.spi.TransactionalSink;
import org.jspecify.annotations.Nullable;

/**
 * The base of a log that can be written within a day: it needs a table of entries, the lease and
 * the run history. Claims, failed trades and grace periods come with it. Extend {@code
 * SyncLogContract} of the test kit to prove the result; {@code SmallSyncLog} among the tests of the
 * kit is one in memory.
 *
 * <p><b>What to write.</b> {@link #store}, {@link #lease}, {@link #runs} and {@link #service}. To
 * let a {@link TransactionalSink} join the transactions, also override {@link #transactionType} and
 * {@link EntryTransaction#handle}.
 *
 * <p><b>What it does not do.</b> It remembers nothing that was verified, so every run compares
 * everything. It records no hand-outs: the engine refuses a sink that does not join its
 * transactions. {@link #scope} records nothing.
 *
 * <p><b>What it costs.</b> An id counts once, also when its trade moves to another key. This log
 * tracks no ids, so each claim looks its ids up among all entries, however old: the table needs an
 * index that leads with the id. Ids are hashes, so such an index is written at random. On
 * PostgreSQL it made a plain insert of a million rows three and a half times as expensive (5.7 s
 * instead of 1.6 s). Methods whose javadoc says that they read all entries of a range are to be
 * overridden as soon as the log holds more than some 100,000 entries. A log without these costs
 * implements {@link SyncLog} itself.
 */
public abstract class AbstractSyncLog implements SyncLog {

  /** For subclasses. */
  protected AbstractSyncLog() {}

  /** Returns the table of entries; the same one each time. */
  protected abstract EntryStore store();

  @Override
  public final <R> R transact(@Nullable FencingToken token, LogWork<R> work) throws Exception {
    EntryStore store = store();
    return store.inTransaction(
        token, transaction -> work.apply(new StoredClaims(transaction, store::now)));
  }

  /**
   * Returns the entries. The digests and bounds of this view read all entries of the range that is
   * asked for: override them where the data is.
   */
  @Override
  public LogEntries entries() {
    return new StoredEntries(store());
  }

  @Override
  public FailedTrades failedTrades() {
    return new StoredFailedTrades(new StoredEntries(store()));
  }

  @Override
  public OrphanTracker orphans() {
    return new StoredOrphanTracker(new StoredEntries(store()));
  }
}
