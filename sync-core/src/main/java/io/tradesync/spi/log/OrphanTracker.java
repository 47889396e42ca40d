package io.tradesync.spi.log;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * Records since when trades that the log holds are gone from the source. Rows leave a source for
 * seconds and come back, so a trade is retracted only after it stayed away for the grace period.
 *
 * <p>Only runs call these methods, one run at a time, each by several threads. Times are those of
 * the log's own clock.
 */
public interface OrphanTracker {

  /**
   * Records which of the log's trades the source did not have just now, in ranges that were
   * compared: exactly these.
   *
   * <ul>
   *   <li>A trade that was recorded as gone before stays gone since then.
   *   <li>A trade in the ranges that is not named is back, and its grace period starts from scratch
   *       when it is gone again.
   *   <li>The ids of the named trades are tracked from now on: a later {@link LogTransaction#claim}
   *       knows at which key each of them is.
   *   <li>An id is recorded at one key only. The grace period of its second key starts when the
   *       first one is retracted. What is perhaps in a sink is retracted at all keys of the id at
   *       once; see {@link HandOutRules} and {@link #retractedIds}.
   *   <li>A failed entry has no grace period if the log holds its id as processed at another key,
   *       and the trade is not {@linkplain HandOut perhaps in the sink} at the failed one.
   * </ul>
   *
   * @param ranges the ranges that were compared, in key order, without overlap
   * @param gone the keys of processed or failed entries in these ranges that the source does not
   *     have, in key order
   * @param grace how long a trade must have stayed away, and by when
   * @return the keys of {@code gone} whose grace period is over, or that have none
   */
  Set<TradeKey> recordGone(List<KeyRange> ranges, List<TradeKey> gone, GracePeriod grace);

  /** The time of the log's own clock. */
  Instant now();

  /**
   * Returns ids that the sink holds at no key, although an entry of theirs may still be processed:
   * a change that {@link LogTransaction#settle} recorded, or one with a revision that {@link
   * LogTransaction#claim} returned, retracted the id, and none has written it since. A log that
   * tracks each id at one key only cannot name the other entries then; a receiver that goes by ids
   * holds none of them. By default there are none: a log that finds all entries of an id retracts
   * them together.
   *
   * @param limit how many ids are returned at most
   */
  default List<String> retractedIds(int limit) {
    return List.of();
  }

  /** Returns the keys of all processed entries of some ids. Searches all entries of the log. */
  default List<TradeKey> searchProcessed(List<String> ids) {
    return List.of();
  }

  /**
   * Records processed entries as retracted, and marks the sub-ranges of their keys; but not of ids
   * that are no longer among {@link #retractedIds}.
   *
   * @param keys the keys; the log need not hold entries there
   * @param searched ids whose processed entries are all among the keys, so that they are no longer
   *     to be returned
   */
  default void settleRetracted(List<TradeKey> keys, List<String> searched) {}

  /**
   * Records that every trade outside of some ranges is at the source.
   *
   * @param ranges the ranges, in key order, without overlap
   */
  void recordBackOutside(List<KeyRange> ranges);
}
