package io.tradesync.internal.gap;

import io.tradesync.GapKind;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import org.jspecify.annotations.Nullable;

/**
 * One difference between the two sides.
 *
 * @param kind why it is one
 * @param key where
 * @param now the trade as the source answered by id; of an orphan the one of the same id at another
 *     key; null where it was not asked, or has none
 * @param entryProcessed whether the log holds the entry as processed
 */
record Gap(GapKind kind, TradeKey key, @Nullable Trade now, boolean entryProcessed) {

  /** Whether the trade has left the source for good, as far as was seen. */
  boolean isGone() {
    return kind == GapKind.ORPHANED && now == null;
  }

  /** Whether the source has the trade at another key. */
  boolean isMoved() {
    return kind == GapKind.ORPHANED && now != null;
  }
}
