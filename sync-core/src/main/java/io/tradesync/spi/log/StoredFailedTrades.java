package io.tradesync.spi.log;

import io.tradesync.FailedTrade;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Records the failed trades of an {@link AbstractSyncLog} in their entries. */
record StoredFailedTrades(StoredEntries stored) implements FailedTrades {

  private static final int RELEASED_AT_ONCE = 1_000;

  @Override
  public List<FailedTrade> markFailed(List<TradeFailure> failures, String runId, int parkAfter) {
    return stored.write(
        transaction -> {
          List<TradeKey> keys = failures.stream().map(TradeFailure::key).toList();
          Map<TradeKey, StoredEntry> before =
              StoredEntries.byKey(transaction.lock(StoredEntries.ids(keys)));
          Instant now = stored.store().now();
          List<StoredEntry> marked = new ArrayList<>();
          for (TradeFailure failure : failures) {
            StoredEntry entry = before.get(failure.key());
            if (entry == null || !entry.staysDespite(failure)) {
              marked.add(StoredEntry.failed(entry, failure, now, runId, parkAfter));
            }
          }
          transaction.put(marked);
          return marked.stream().map(StoredEntry::failedTrade).toList();
        });
  }

  @Override
  public long releaseParked(KeyRange range) {
    long released = 0;
    KeyRange rest = range;
    List<TradeKey> failed;
    do {
      failed =
          stored.store().withFailure(rest, RELEASED_AT_ONCE).stream()
              .map(StoredEntry::key)
              .toList();
      released +=
          failed.isEmpty() ? 0 : change(failed, StoredEntry::isParked, StoredEntry::released);
      rest = failed.isEmpty() ? rest : rest.after(failed.get(failed.size() - 1));
    } while (failed.size() == RELEASED_AT_ONCE);
    return released;
  }

  @Override
  public long accept(List<TradeKey> keys, String reason) {
    return change(keys, entry -> entry.failure() != null, entry -> entry.accepted(reason));
  }

  /** Changes those of some entries to which a condition applies; returns how many. */
  private long change(
      List<TradeKey> keys, Predicate<StoredEntry> which, UnaryOperator<StoredEntry> change) {
    return stored.write(
        transaction -> {
          Map<TradeKey, StoredEntry> held =
              StoredEntries.byKey(transaction.lock(StoredEntries.ids(keys)));
          held.keySet().retainAll(keys);
          List<StoredEntry> changed = held.values().stream().filter(which).map(change).toList();
          transaction.put(changed);
          return (long) changed.size();
        });
  }

  @Override
  public List<FailedTrade> list(TradeKey after, int limit) {
    return stored.store().withFailure(KeyRange.all().after(after), limit).stream()
        .map(StoredEntry::failedTrade)
        .toList();
  }
}
