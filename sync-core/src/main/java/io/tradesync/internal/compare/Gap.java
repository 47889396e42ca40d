package io.tradesync.internal.compare;

import io.tradesync.GapKind;
import io.tradesync.TradeKey;
import io.tradesync.internal.rows.RowProblem;
import io.tradesync.internal.rows.SourceRow;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.TradeFailure;
import org.jspecify.annotations.Nullable;

/**
 * One difference between the source and the log.
 *
 * @param now the row that the source has, for an orphan the one at its new key, perhaps without its
 *     trade; null if the source no longer has the trade, or if its rows are not one trade
 * @param entryProcessed whether the log holds the entry as processed
 * @param parked whether the repair failed so often that it is no longer tried
 * @param known whether the log holds this failure, of the same content
 * @param tolerated whether it is no gap, and why
 * @param unreadable why the source's rows at the key are not one trade, to be recorded in the log;
 *     {@code now} is then a row to write before, if there is one. Null for a gap of a trade
 */
public record Gap(
    GapKind kind,
    TradeKey key,
    @Nullable SourceRow now,
    boolean entryProcessed,
    boolean parked,
    boolean known,
    Tolerated tolerated,
    @Nullable TradeFailure unreadable) {

  /** Why a difference is no gap. */
  enum Tolerated {
    /** It is a gap. */
    NO,
    /** The trade is final, was processed, and is to stay although it vanished. */
    KEPT,
    /** Somebody has accepted that it fails. */
    ACCEPTED;

    static Tolerated accepted(boolean isAccepted) {
      return isAccepted ? ACCEPTED : NO;
    }
  }

  /** A difference of a trade that can be read. */
  static Gap of(
      GapKind kind, TradeKey key, @Nullable SourceRow now, @Nullable LogEntry entry, long content) {
    boolean isProcessed = entry != null && entry.status() == EntryStatus.PROCESSED;
    LogEntry.Failure failure = entry == null ? null : entry.failure();
    boolean isKnown =
        kind == GapKind.ERROR
            && failure != null
            && failure.fingerprint() == content
            && !failure.isUnreadable();
    boolean isParked = entry != null && entry.isParked(content);
    Tolerated tolerated = Tolerated.accepted(entry != null && entry.isAccepted(content));
    return new Gap(kind, key, now, isProcessed, isParked, isKnown, tolerated, null);
  }

  /** Rows of the source that are not one trade. */
  static Gap of(RowProblem problem, @Nullable LogEntry entry) {
    TradeFailure failure = problem.failure();
    LogEntry.Failure held = entry == null ? null : entry.failure();
    boolean isKnown = held != null && held.isOf(failure);
    return new Gap(
        GapKind.ERROR,
        failure.key(),
        problem.written(),
        entry != null && entry.status() == EntryStatus.PROCESSED,
        isKnown && held != null && held.parked(),
        isKnown,
        Tolerated.accepted(isKnown && held != null && held.accepted()),
        failure);
  }

  /** A processed trade that vanished after it was final, and is to stay in the store. */
  static Gap kept(LogEntry entry) {
    return new Gap(GapKind.ORPHANED, entry.key(), null, true, false, true, Tolerated.KEPT, null);
  }

  /** Whether a run that repairs some kinds of gap writes this trade. */
  public boolean isWritten(GapSelection repaired) {
    return kind != GapKind.ORPHANED && !parked && repaired.contains(kind);
  }

  /** Whether the source lacks the trade at this key, and it is not to be kept. */
  public boolean isOrphaned() {
    return kind == GapKind.ORPHANED && tolerated != Tolerated.KEPT;
  }

  /** Whether the source has the trade at no key. */
  boolean isGone() {
    return isOrphaned() && now == null;
  }

  /** Whether the source has the trade at another key. */
  boolean isMoved() {
    return isOrphaned() && now != null;
  }
}
