package io.tradesync.spi.log;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Since when trades that the log holds are gone from the source. Rows leave a source for seconds
 * and come back, so that one is retracted only after it stayed away. Only runs write here, one at a
 * time; times are the log's own clock's.
 */
public interface OrphanTracker {

  /**
   * Records which of the log's trades in some ranges were not found at the source just now: exactly
   * these. One that was gone before stays gone since then; one that is not named is back. A later
   * {@link LogTransaction#claim} knows the key at which each of them stands. An id stands at one
   * key: of two keys of one id, the second stays away from when the first is retracted. A failed
   * entry whose id stands at another key as processed counts nowhere, and waits for nothing.
   *
   * @param ranges the ranges that were looked at, in key order, without overlap
   * @param gone the keys of processed or failed entries in these ranges that the source does not
   *     have, in key order
   * @param grace how long a trade must have stayed away
   * @return those of {@code gone} that have stayed away for that long, or have nothing to wait for
   */
  Set<TradeKey> note(List<KeyRange> ranges, List<TradeKey> gone, Duration grace);

  /**
   * Records that everything outside some ranges was found to be there.
   *
   * @param ranges the ranges, in key order, without overlap
   */
  void backOutside(List<KeyRange> ranges);
}
