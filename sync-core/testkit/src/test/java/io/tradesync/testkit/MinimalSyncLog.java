package io.tradesync.testkit;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.spi.log.FailedTrades;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.LogWork;
import io.tradesync.spi.log.OrphanTracker;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunLease;
import io.tradesync.spi.log.SyncLog;
import java.util.List;

/** A log with nothing but what is required of one. */
final class MinimalSyncLog implements SyncLog {

  private final SyncLog log = new InMemorySyncLog();

  @Override
  public String service() {
    return log.service();
  }

  @Override
  public <R> R transact(FencingToken token, LogWork<R> work) throws Exception {
    return log.transact(token, transaction -> work.apply(transaction::claim));
  }

  @Override
  public LogEntries entries() {
    return new LogEntries() {
      @Override
      public List<LogEntry> page(List<KeyRange> ranges, int limit) {
        return log.entries().page(ranges, limit);
      }

      @Override
      public List<LogEntry> find(List<TradeKey> keys) {
        return log.entries().find(keys);
      }
    };
  }

  @Override
  public FailedTrades failedTrades() {
    return log.failedTrades();
  }

  @Override
  public OrphanTracker orphans() {
    return log.orphans();
  }

  @Override
  public RunHistory runs() {
    return log.runs();
  }

  @Override
  public RunLease lease() {
    return log.lease();
  }
}
