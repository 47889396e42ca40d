package io.tradesync.inmemory;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.LogState.Watched;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.OrphanTracker;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Since when trades of a log in memory are gone. */
record InMemoryOrphanTracker(LogState state) implements OrphanTracker {

  @Override
  public Set<TradeKey> note(List<KeyRange> ranges, List<TradeKey> gone, Duration grace) {
    synchronized (state.lock) {
      Instant now = state.clock.instant();
      Set<TradeKey> exactly = new HashSet<>(gone);
      back(key -> !exactly.contains(key) && ranges.stream().anyMatch(range -> range.contains(key)));
      Set<TradeKey> overdue = new HashSet<>();
      for (TradeKey key : gone) {
        Watched watched = state.watched.get(key.id());
        if (watched == null
            || (watched.epochSecond() == key.epochSecond() && watched.goneSince() == null)) {
          watched = new Watched(key.epochSecond(), now);
          state.watched.put(key.id(), watched);
        }
        Instant since = watched.goneSince();
        boolean standsHere = watched.epochSecond() == key.epochSecond();
        boolean stayedAway = standsHere && since != null && !since.plus(grace).isAfter(now);
        TradeKey elsewhere = new TradeKey(watched.epochSecond(), key.id());
        if (stayedAway || (has(key, EntryStatus.ERROR) && has(elsewhere, EntryStatus.PROCESSED))) {
          overdue.add(key);
        }
      }
      return overdue;
    }
  }

  private boolean has(TradeKey key, EntryStatus status) {
    LogState.Row row = state.rows.get(key);
    return row != null && row.status() == status;
  }

  @Override
  public void backOutside(List<KeyRange> ranges) {
    synchronized (state.lock) {
      back(key -> ranges.stream().noneMatch(range -> range.contains(key)));
    }
  }

  private void back(Predicate<TradeKey> isBack) {
    state.watched.replaceAll(
        (id, watched) ->
            isBack.test(new TradeKey(watched.epochSecond(), id))
                ? new Watched(watched.epochSecond(), null)
                : watched);
  }
}
