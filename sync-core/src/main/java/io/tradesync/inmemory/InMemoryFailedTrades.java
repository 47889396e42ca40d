package io.tradesync.inmemory;

import io.tradesync.FailedTrade;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.LogState.Row;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.FailedTrades;
import io.tradesync.spi.log.TradeFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Records the failed trades of a log in memory. */
record InMemoryFailedTrades(LogState state) implements FailedTrades {

  @Override
  public List<FailedTrade> markFailed(List<TradeFailure> failures, String runId, int parkAfter) {
    List<FailedTrade> marked = new ArrayList<>();
    synchronized (state.lock) {
      for (TradeFailure failure : failures) {
        Row before = state.rows.getOrDefault(failure.key(), absent(failure));
        boolean isProcessed = before.status() == EntryStatus.PROCESSED;
        if (isProcessed && before.fingerprint() == failure.fingerprint()) {
          continue;
        }
        boolean isSame = before.reason() != null && before.failed() == failure.fingerprint();
        int counted = failure.ofData() && !runId.isEmpty() ? 1 : 0;
        int dataFailures = (isSame ? before.dataFailures() : 0) + counted;
        state.mark(failure.key().epochSecond(), state.markThrough);
        Row row =
            new Row(
                isProcessed ? EntryStatus.PROCESSED : EntryStatus.ERROR,
                isProcessed ? before.fingerprint() : failure.fingerprint(),
                before.attempts() + 1,
                dataFailures,
                failure.isUnreadable() || dataFailures >= parkAfter,
                failure.fingerprint(),
                failure.unreadableRows(),
                state.clock.instant(),
                failure.reason(),
                runId);
        state.rows.put(failure.key(), row);
        marked.add(failed(failure.key(), row));
      }
    }
    return marked;
  }

  private Row absent(TradeFailure failure) {
    return Row.settled(EntryStatus.ERROR, failure.fingerprint(), 0, state.clock.instant(), "");
  }

  @Override
  public long releaseParked(KeyRange range) {
    synchronized (state.lock) {
      List<Map.Entry<TradeKey, Row>> parked =
          state.in(range).entrySet().stream().filter(entry -> entry.getValue().parked()).toList();
      parked.forEach(entry -> state.rows.put(entry.getKey(), entry.getValue().released()));
      return parked.size();
    }
  }

  @Override
  public List<FailedTrade> list(TradeKey after, int limit) {
    synchronized (state.lock) {
      return state.rows.tailMap(after, false).entrySet().stream()
          .filter(entry -> entry.getValue().reason() != null)
          .limit(limit)
          .map(entry -> failed(entry.getKey(), entry.getValue()))
          .toList();
    }
  }

  private static FailedTrade failed(TradeKey key, Row row) {
    return new FailedTrade(
        key,
        Objects.requireNonNull(row.reason()),
        row.attempts(),
        row.at(),
        row.runId(),
        row.parked());
  }
}
