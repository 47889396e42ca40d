package io.tradesync.internal.run;

import io.tradesync.Side;
import io.tradesync.internal.failure.Retries;
import io.tradesync.spi.log.FailedTrades;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.OrphanTracker;
import io.tradesync.spi.log.OutsideRows;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunLease;
import io.tradesync.spi.log.ScopeRecord;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.Verification;

/**
 * The views of a log, each of whose calls is tried again after a connection failure.
 *
 * @param entries the entries
 * @param failedTrades the trades that could not be processed
 * @param orphans since when entries are gone from the source
 * @param verification what earlier comparisons found equal
 * @param scope the recorded scope
 * @param outsideRows the rows outside the key order
 * @param lease the right to run; tried again for about a second only
 * @param history the run history; tried again for about a second only
 */
public record LogViews(
    LogEntries entries,
    FailedTrades failedTrades,
    OrphanTracker orphans,
    Verification verification,
    ScopeRecord scope,
    OutsideRows outsideRows,
    RunLease lease,
    RunHistory history) {

  /** Returns views through which no entry is read. */
  LogViews withoutEntries() {
    return new LogViews(
        new NoEntries(), failedTrades, orphans, verification, scope, outsideRows, lease, history);
  }

  /**
   * Wraps the views of a log in retries.
   *
   * @param joined whether the sink joins the log's transactions, so that nothing is handed out
   */
  public static LogViews of(SyncLog log, Retries retries, boolean joined) {
    LogEntries entries = joined ? new EntriesWithoutHandOuts(log.entries()) : log.entries();
    return new LogViews(
        retries.around(LogEntries.class, entries, Side.STORE),
        retries.around(FailedTrades.class, log.failedTrades(), Side.STORE),
        retries.around(OrphanTracker.class, log.orphans(), Side.STORE),
        retries.around(Verification.class, log.verification(), Side.STORE),
        retries.around(ScopeRecord.class, log.scope(), Side.STORE),
        retries.around(OutsideRows.class, log.outsideRows(), Side.STORE),
        retries.brieflyAround(RunLease.class, log.lease(), Side.STORE),
        retries.brieflyAround(RunHistory.class, log.runs(), Side.STORE));
  }
}
