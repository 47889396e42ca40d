package io.tradesync.spi.log;

import io.tradesync.Keyed;
import io.tradesync.TradeKey;
import org.jspecify.annotations.Nullable;

/**
 * What the log holds of one trade.
 *
 * @param key the trade
 * @param status what became of it
 * @param fingerprint the fingerprint of the content that was processed; if none was, of the content
 *     that failed last
 * @param failure what failed last and was not settled since; null if nothing is open. An entry with
 *     the status {@link EntryStatus#ERROR} always has one
 */
public record LogEntry(
    TradeKey key, EntryStatus status, long fingerprint, @Nullable Failure failure)
    implements Keyed {

  /**
   * An open failure.
   *
   * @param fingerprint what failed, as in {@link TradeFailure#fingerprint()}
   * @param unreadableRows see {@link TradeFailure#unreadableRows()}
   * @param parked whether runs leave it alone
   * @param accepted whether somebody accepted it, so that it is no gap; it is parked then
   */
  public record Failure(long fingerprint, int unreadableRows, boolean parked, boolean accepted) {

    /** A failure that nobody accepted. */
    public Failure(long fingerprint, int unreadableRows, boolean parked) {
      this(fingerprint, unreadableRows, parked, false);
    }

    /** Returns whether another failure is of the same content. */
    public boolean isOf(TradeFailure other) {
      return fingerprint == other.fingerprint() && unreadableRows == other.unreadableRows();
    }

    /** Returns whether the source's rows at the key were no trade. */
    public boolean isUnreadable() {
      return unreadableRows > 0;
    }
  }

  /**
   * Returns whether runs leave the trade alone.
   *
   * @param content the fingerprint of the content to be written, or {@link TradeFailure#RETRACTION}
   */
  public boolean isParked(long content) {
    return failure != null && failure.parked && failure.fingerprint == content;
  }

  /**
   * Returns whether the failure is no gap, since somebody accepted it.
   *
   * @param content as in {@link #isParked}
   */
  public boolean isAccepted(long content) {
    return failure != null && failure.accepted && failure.fingerprint == content;
  }

  /** Returns the content that runs leave alone; null if the trade is not parked. */
  public @Nullable Long parked() {
    return failure != null && failure.parked ? (Long) failure.fingerprint : null;
  }

  /**
   * Returns whether the entry counts as failed: the last attempt to bring the sink to what the
   * source held failed.
   */
  public boolean isError() {
    return status != EntryStatus.RETRACTED && (status == EntryStatus.ERROR || failure != null);
  }

  /**
   * Returns whether runs try the entry again although the source may hold what failed or what was
   * processed: it counts as failed and is not parked, or what failed is a change. Once the source
   * is back at what was processed, nothing is left to be written, and the failure is settled.
   */
  public boolean isRetriable() {
    return isError() && (parked() == null || isOfChange());
  }

  /** Returns whether something is processed and a readable change of it, or its end, failed. */
  boolean isOfChange() {
    return status == EntryStatus.PROCESSED && failure != null && !failure.isUnreadable();
  }
}
