package io.tradesync.spi.log;

import java.util.List;
import java.util.SortedSet;

/**
 * One transaction of an {@link EntryStore}. One thread uses it, and only within {@link
 * EntryStore#inTransaction}. A failure is thrown as the exception that the driver throws; the
 * transaction is then rolled back.
 */
public interface EntryTransaction {

  /**
   * Locks ids until the transaction ends, and returns all entries of these ids, at every key and
   * however old. If another transaction has locked one of the ids, waits until that one has ended,
   * and then sees what it committed. Called at most once a transaction.
   *
   * <p>An id must be locked also if it has no entry yet. A lock of more than was asked for, such as
   * of the whole log, is right as well, and slower.
   *
   * @param ids the ids; lock them in this order, so that no two transactions wait for each other
   * @return the entries of any status, in any order
   */
  List<StoredEntry> lock(SortedSet<String> ids) throws Exception;

  /**
   * Writes entries, each in the place of the one at its key if there is one. Their ids are locked.
   *
   * @param entries entries of different keys
   */
  void put(List<StoredEntry> entries) throws Exception;

  /**
   * Draws revisions from a sequence of the log that never goes back, not even by a rollback or a
   * restart. Called under the locks.
   *
   * @param count how many; at least 1
   * @return the first of them; the others follow one by one
   */
  long drawRevisions(int count) throws Exception;

  /** As {@link LogTransaction#handle}. */
  default Object handle() {
    return this;
  }

  /** As {@link LogTransaction#abort}. */
  default void abort() {}
}
