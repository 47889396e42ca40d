package io.tradesync.spi.log;

import static java.util.stream.Collectors.groupingBy;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Records in the entries of an {@link AbstractSyncLog} since when trades are gone. */
record StoredOrphanTracker(StoredEntries stored) implements OrphanTracker {

  @Override
  public Instant now() {
    return stored.store().now();
  }

  @Override
  public Set<TradeKey> recordGone(List<KeyRange> ranges, List<TradeKey> gone, GracePeriod grace) {
    Set<TradeKey> exactly = new HashSet<>(gone);
    List<TradeKey> back =
        stored.store().gone(ranges).stream()
            .map(StoredEntry::key)
            .filter(key -> !exactly.contains(key))
            .toList();
    if (gone.isEmpty() && back.isEmpty()) {
      return Set.of();
    }
    return stored.write(
        transaction -> {
          List<TradeKey> keys = new ArrayList<>(gone);
          keys.addAll(back);
          Recording recording = new Recording(transaction.lock(StoredEntries.ids(keys)));
          back.forEach(recording::back);
          Set<TradeKey> due = new HashSet<>();
          Instant now = stored.store().now();
          gone.stream().filter(key -> recording.gone(key, grace, now)).forEach(due::add);
          transaction.put(recording.changed());
          return due;
        });
  }

  @Override
  public void recordBackOutside(List<KeyRange> ranges) {
    List<KeyRange> outside = new ArrayList<>();
    TradeKey after = TradeKey.MIN;
    for (KeyRange range : ranges) {
      outside.add(new KeyRange(after, range.after()));
      after = range.upTo();
    }
    outside.add(new KeyRange(after, TradeKey.MAX));
    recordGone(
        outside.stream().filter(range -> !range.isEmpty()).toList(),
        List.of(),
        GracePeriod.overNow(Duration.ZERO));
  }

  /** What is recorded in one transaction. */
  private static final class Recording {

    private final Map<TradeKey, StoredEntry> entries;
    private final Map<String, List<StoredEntry>> byId = new HashMap<>();
    private final Set<TradeKey> changed = new LinkedHashSet<>();

    Recording(List<StoredEntry> held) {
      this.entries = StoredEntries.byKey(held);
      byId.putAll(held.stream().collect(groupingBy(entry -> entry.key().id())));
    }

    List<StoredEntry> changed() {
      return changed.stream().map(entries::get).toList();
    }

    void back(TradeKey key) {
      StoredEntry entry = entries.get(key);
      if (entry != null && entry.goneSince() != null) {
        put(entry.goneSince(null));
      }
    }

    /** Records that a trade is gone, and returns whether its grace period is over. */
    boolean gone(TradeKey key, GracePeriod grace, Instant now) {
      StoredEntry entry = entries.get(key);
      if (entry == null || entry.status() == EntryStatus.RETRACTED) {
        return false;
      }
      if (entry.status() == EntryStatus.ERROR
          && isElsewhere(key, other -> other.status() == EntryStatus.PROCESSED)) {
        return true;
      }
      if (isElsewhere(key, other -> other.goneSince() != null)) {
        return false;
      }
      Instant since = entry.goneSince();
      if (since == null) {
        since = now;
        put(entry.goneSince(now));
      }
      return grace.isOver(since, now);
    }

    private boolean isElsewhere(TradeKey key, Predicate<StoredEntry> matches) {
      return byId.getOrDefault(key.id(), List.of()).stream()
          .map(StoredEntry::key)
          .filter(other -> !other.equals(key))
          .map(entries::get)
          .anyMatch(matches);
    }

    private void put(StoredEntry entry) {
      entries.put(entry.key(), entry);
      changed.add(entry.key());
    }
  }
}
