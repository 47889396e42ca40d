package io.tradesync.inmemory;

import io.tradesync.FailedTrade;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.log.FailedTrades;
import io.tradesync.spi.log.StoredEntry;
import io.tradesync.spi.log.TradeFailure;
import java.util.ArrayList;
import java.util.List;

/** Records the failed trades of a log in memory. */
record InMemoryFailedTrades(LogState state) implements FailedTrades {

  @Override
  public List<FailedTrade> markFailed(List<TradeFailure> failures, String runId, int parkAfter) {
    List<FailedTrade> marked = new ArrayList<>();
    synchronized (state.lock) {
      for (TradeFailure failure : failures) {
        StoredEntry before = state.rows.get(failure.key());
        if (before == null || !before.staysDespite(failure)) {
          StoredEntry failed =
              StoredEntry.failed(before, failure, state.clock.instant(), runId, parkAfter);
          state.rows.put(failed.key(), failed);
          state.mark(failed.key().epochSecond(), state.markThrough, false);
          marked.add(failed.failedTrade());
        }
      }
    }
    return marked;
  }

  @Override
  public long releaseParked(KeyRange range) {
    synchronized (state.lock) {
      List<StoredEntry> parked =
          state.in(range).values().stream().filter(StoredEntry::isParked).toList();
      parked.forEach(entry -> state.rows.put(entry.key(), entry.released()));
      return parked.size();
    }
  }

  @Override
  public long accept(List<TradeKey> keys, String reason) {
    synchronized (state.lock) {
      List<StoredEntry> failed =
          keys.stream()
              .distinct()
              .map(state.rows::get)
              .filter(entry -> entry != null && entry.failure() != null)
              .toList();
      failed.forEach(entry -> state.rows.put(entry.key(), entry.accepted(reason)));
      return failed.size();
    }
  }

  @Override
  public List<FailedTrade> list(TradeKey after, int limit) {
    synchronized (state.lock) {
      return state.rows.tailMap(after, false).values().stream()
          .filter(entry -> entry.failure() != null)
          .limit(limit)
          .map(StoredEntry::failedTrade)
          .toList();
    }
  }
}
