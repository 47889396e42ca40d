package io.tradesync.internal.compare;

import io.tradesync.GapKind;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One difference between the two sides.
 *
 * @param kind why it is one
 * @param key where
 * @param now the trade as the source answered by id; of an orphan the one of the same id at another
 *     key; null where it was not asked, or has none
 * @param entryProcessed whether the log holds the entry as processed
 * @param parked whether what is to be done about it failed so often that it is left alone
 */
public record Gap(
    GapKind kind, TradeKey key, @Nullable Trade now, boolean entryProcessed, boolean parked) {

  /** Whether a run that writes some kinds of gap writes this one. */
  public boolean isWritten(Predicate<GapKind> wanted) {
    return kind != GapKind.ORPHANED && !parked && wanted.test(kind);
  }

  /** Whether the trade has left the source for good, as far as was seen. */
  boolean isGone() {
    return kind == GapKind.ORPHANED && now == null;
  }

  /** Whether the source has the trade at another key. */
  boolean isMoved() {
    return kind == GapKind.ORPHANED && now != null;
  }
}
