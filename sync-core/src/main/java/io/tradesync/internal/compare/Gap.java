package io.tradesync.internal.compare;

import io.tradesync.GapKind;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import org.jspecify.annotations.Nullable;

/**
 * One difference between the source and the log.
 *
 * @param now the trade as the source answered by id, for an orphan at its new key; null if the
 *     source was not asked or no longer has the trade
 * @param entryProcessed whether the log holds the entry as processed
 * @param parked whether the repair failed so often that it is no longer tried
 */
public record Gap(
    GapKind kind, TradeKey key, @Nullable Trade now, boolean entryProcessed, boolean parked) {

  /** Whether a run that repairs some kinds of gap writes this trade. */
  public boolean isWritten(GapSelection repaired) {
    return kind != GapKind.ORPHANED && !parked && repaired.contains(kind);
  }

  /** Whether the source has the trade at no key. */
  boolean isGone() {
    return kind == GapKind.ORPHANED && now == null;
  }

  /** Whether the source has the trade at another key. */
  boolean isMoved() {
    return kind == GapKind.ORPHANED && now != null;
  }
}
