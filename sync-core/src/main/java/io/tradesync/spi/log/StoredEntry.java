package io.tradesync.spi.log;

import io.tradesync.FailedTrade;
import io.tradesync.Keyed;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An entry with all that a log stores of it: one row a key. The methods return what becomes of an
 * entry, so that every log decides alike. Immutable.
 *
 * @param key the trade
 * @param status what became of it
 * @param fingerprint as in {@link LogEntry#fingerprint()}
 * @param attempts in how many attempts the trade failed
 * @param changedAt when the entry changed last, by the log's clock
 * @param runId the run that changed it last; empty for the live path
 * @param failure what failed last and was not settled since; null if nothing is open
 * @param goneSince since when the trade is gone from the source, by the log's clock; null if it is
 *     not known to be gone
 */
public record StoredEntry(
    TradeKey key,
    EntryStatus status,
    long fingerprint,
    int attempts,
    Instant changedAt,
    String runId,
    @Nullable Failure failure,
    @Nullable Instant goneSince)
    implements Keyed {

  /**
   * An open failure.
   *
   * @param fingerprint what failed, as in {@link TradeFailure#fingerprint()}
   * @param unreadableRows see {@link TradeFailure#unreadableRows()}
   * @param runs in how many runs this content failed because of the trade itself
   * @param parked whether runs leave the trade alone
   * @param reason why it failed, without secrets
   * @param accepted why somebody accepted the failure; null if nobody did
   */
  public record Failure(
      long fingerprint,
      int unreadableRows,
      int runs,
      boolean parked,
      String reason,
      @Nullable String accepted) {}

  /**
   * Returns the entry of a trade that is processed now.
   *
   * @param before the entry of the same key; null if there is none
   */
  public static StoredEntry processed(
      @Nullable StoredEntry before, Trade trade, Instant at, String runId) {
    int attempts = before == null ? 0 : before.attempts;
    return new StoredEntry(
        trade.key(), EntryStatus.PROCESSED, trade.fingerprint(), attempts, at, runId, null, null);
  }

  /**
   * Returns the entry of a trade that failed now; see {@link FailedTrades#markFailed}. Do not ask
   * if {@link #staysDespite} says that the entry does not change.
   *
   * @param before the entry of the same key; null if there is none
   * @param parkAfter after how many runs the trade is parked; at least 1
   */
  public static StoredEntry failed(
      @Nullable StoredEntry before, TradeFailure failed, Instant at, String runId, int parkAfter) {
    boolean isProcessed = before != null && before.status == EntryStatus.PROCESSED;
    Failure last = before == null ? null : before.failure;
    boolean isSame = last != null && last.fingerprint == failed.fingerprint();
    int runs =
        (isSame && last != null ? last.runs : 0) + (failed.ofData() && !runId.isEmpty() ? 1 : 0);
    String accepted = isSame && last != null ? last.accepted : null;
    return new StoredEntry(
        failed.key(),
        isProcessed ? EntryStatus.PROCESSED : EntryStatus.ERROR,
        isProcessed && before != null ? before.fingerprint : failed.fingerprint(),
        (before == null ? 0 : before.attempts) + 1,
        at,
        runId,
        new Failure(
            failed.fingerprint(),
            failed.unreadableRows(),
            runs,
            failed.isUnreadable() || runs >= parkAfter || accepted != null,
            failed.reason(),
            accepted),
        before == null ? null : before.goneSince);
  }

  /**
   * Returns whether the entry is processed with the content that failed, and so does not change.
   */
  public boolean staysDespite(TradeFailure failed) {
    return status == EntryStatus.PROCESSED && fingerprint == failed.fingerprint();
  }

  /** Returns the entry after its trade was retracted. */
  public StoredEntry retracted(Instant at, String runId) {
    return new StoredEntry(
        key, EntryStatus.RETRACTED, fingerprint, attempts, at, runId, null, null);
  }

  /** Returns the entry without its failure: the source is back at what was processed. */
  public StoredEntry settled(Instant at) {
    return new StoredEntry(key, status, fingerprint, attempts, at, runId, null, goneSince);
  }

  /** Returns the entry with its failure accepted. Call it only if there is a failure. */
  public StoredEntry accepted(String why) {
    if (failure == null) {
      throw new IllegalStateException(key + " has no failure");
    }
    Failure open =
        new Failure(
            failure.fingerprint, failure.unreadableRows, failure.runs, true, failure.reason, why);
    return new StoredEntry(key, status, fingerprint, attempts, changedAt, runId, open, goneSince);
  }

  /**
   * Returns the entry unparked, and its failure no longer accepted: the count of runs starts again
   * from zero.
   */
  public StoredEntry released() {
    Failure open =
        failure == null
            ? null
            : new Failure(
                failure.fingerprint, failure.unreadableRows, 0, false, failure.reason, null);
    return new StoredEntry(key, status, fingerprint, attempts, changedAt, runId, open, goneSince);
  }

  /**
   * Returns the entry of a trade that is gone from the source since a time.
   *
   * @param since the time; null if the trade is back
   */
  public StoredEntry goneSince(@Nullable Instant since) {
    return new StoredEntry(key, status, fingerprint, attempts, changedAt, runId, failure, since);
  }

  /** Returns whether runs leave the trade alone. */
  public boolean isParked() {
    return failure != null && failure.parked;
  }

  /** Returns what the engine reads of the entry. */
  public LogEntry entry() {
    return new LogEntry(
        key,
        status,
        fingerprint,
        failure == null
            ? null
            : new LogEntry.Failure(
                failure.fingerprint,
                failure.unreadableRows,
                failure.parked,
                failure.accepted != null));
  }

  /** Returns the failed trade that is listed. Call it only if there is a failure. */
  public FailedTrade failedTrade() {
    if (failure == null) {
      throw new IllegalStateException(key + " has no failure");
    }
    return new FailedTrade(
        key, failure.reason, attempts, changedAt, runId, failure.parked, failure.accepted);
  }
}
