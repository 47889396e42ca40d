package io.tradesync.inmemory;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.LogState.TrackedId;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.GracePeriod;
import io.tradesync.spi.log.OrphanTracker;
import io.tradesync.spi.log.StoredEntry;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Records in memory since when trades are gone. */
record InMemoryOrphanTracker(LogState state) implements OrphanTracker {

  @Override
  public Instant now() {
    return state.clock.instant();
  }

  @Override
  public Set<TradeKey> recordGone(List<KeyRange> ranges, List<TradeKey> gone, GracePeriod grace) {
    synchronized (state.lock) {
      Instant now = state.clock.instant();
      Set<TradeKey> exactly = new HashSet<>(gone);
      recordBack(key -> isInAny(ranges, key) && !exactly.contains(key));
      Set<TradeKey> due = new HashSet<>();
      for (TradeKey key : gone) {
        TrackedId tracked =
            state.trackedIds.compute(
                key.id(),
                (id, known) ->
                    known == null || (known.key().equals(key) && known.goneSince() == null)
                        ? new TrackedId(key, now)
                        : known);
        Instant since = tracked.goneSince();
        boolean isGraceOver =
            tracked.key().equals(key) && since != null && grace.isOver(since, now);
        boolean hasNoGrace =
            has(key, EntryStatus.ERROR)
                && !state.handOuts.containsKey(key)
                && has(tracked.key(), EntryStatus.PROCESSED);
        if (isGraceOver || hasNoGrace) {
          due.add(key);
        }
      }
      return due;
    }
  }

  private boolean has(TradeKey key, EntryStatus status) {
    StoredEntry row = state.rows.get(key);
    return row != null && row.status() == status;
  }

  @Override
  public List<String> retractedIds(int limit) {
    synchronized (state.lock) {
      return state.retractedIds.stream().limit(limit).toList();
    }
  }

  @Override
  public List<TradeKey> searchProcessed(List<String> ids) {
    Set<String> wanted = Set.copyOf(ids);
    synchronized (state.lock) {
      return state.rows.keySet().stream()
          .filter(key -> wanted.contains(key.id()) && has(key, EntryStatus.PROCESSED))
          .toList();
    }
  }

  @Override
  public void settleRetracted(List<TradeKey> keys, List<String> searched) {
    synchronized (state.lock) {
      for (TradeKey key : keys) {
        if (!state.retractedIds.contains(key.id())) {
          continue;
        }
        if (has(key, EntryStatus.PROCESSED)) {
          state.rows.computeIfPresent(key, (k, row) -> row.retracted(now(), row.runId()));
        }
        state.mark(key.epochSecond(), state.markThrough, false);
      }
      searched.forEach(state.retractedIds::remove);
    }
  }

  @Override
  public void recordBackOutside(List<KeyRange> ranges) {
    synchronized (state.lock) {
      recordBack(key -> !isInAny(ranges, key));
    }
  }

  private static boolean isInAny(List<KeyRange> ranges, TradeKey key) {
    return ranges.stream().anyMatch(range -> range.contains(key));
  }

  private void recordBack(Predicate<TradeKey> isBack) {
    state.trackedIds.replaceAll(
        (id, tracked) -> isBack.test(tracked.key()) ? new TrackedId(tracked.key(), null) : tracked);
  }
}
