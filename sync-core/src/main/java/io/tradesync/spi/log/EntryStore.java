package io.tradesync.spi.log;

import io.tradesync.KeyRange;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * The table in which an {@link AbstractSyncLog} keeps its entries, and its transactions. Written by
 * whoever writes the log; used by many threads at once. A store that cannot be reached throws
 * {@link io.tradesync.SideUnavailableException#unreachable} with {@link io.tradesync.Side#STORE}.
 */
public interface EntryStore {

  /** Work in one transaction; see {@link #inTransaction}. */
  @FunctionalInterface
  interface Work<R> {

    /**
     * Does the work.
     *
     * @param transaction the transaction; must not be kept
     * @throws Exception to have everything rolled back
     */
    R apply(EntryTransaction transaction) throws Exception;
  }

  /**
   * Does some work in one transaction, under the same rules as {@link SyncLog#transact}: a commit
   * if the work returns, else a rollback; with a token, no commit unless its lease is held, and no
   * takeover before the transaction has ended.
   *
   * @param token the lease under which the work is done; null if none is needed
   * @throws LeaseLostException if the lease is no longer held
   * @throws Exception what the work threw, or a failure of the store
   */
  <R> R inTransaction(@Nullable FencingToken token, Work<R> work) throws Exception;

  /** Reads committed entries as {@link LogEntries#page} does. */
  List<StoredEntry> page(List<KeyRange> ranges, int limit);

  /**
   * Finds the committed entries of ids among all entries, however old.
   *
   * @return the entries of any status, at every key, in any order
   */
  List<StoredEntry> findByIds(SortedSet<String> ids);

  /** Returns the time of the store's own clock. */
  Instant now();

  /**
   * Lists entries with a {@link StoredEntry#failure}. By default reads all entries of the range.
   *
   * @param limit the largest number of entries to return; at least 1
   * @return the first ones, in key order
   */
  default List<StoredEntry> withFailure(KeyRange range, int limit) {
    return EntryPages.select(this::page, List.of(range), entry -> entry.failure() != null, limit);
  }

  /**
   * Lists all entries with a {@link StoredEntry#goneSince}. Each run asks for every range that it
   * compares. By default reads all entries of the ranges.
   *
   * @param ranges ranges in key order that do not overlap
   * @return the entries, in key order
   */
  default List<StoredEntry> gone(List<KeyRange> ranges) {
    return EntryPages.select(
        this::page, ranges, entry -> entry.goneSince() != null, Integer.MAX_VALUE);
  }
}
