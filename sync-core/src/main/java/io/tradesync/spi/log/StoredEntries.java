package io.tradesync.spi.log;

import static java.util.stream.Collectors.toCollection;
import static java.util.stream.Collectors.toMap;

import io.tradesync.KeyRange;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;

/** Reads the entries of the store of an {@link AbstractSyncLog}. */
record StoredEntries(EntryStore store) implements LogEntries {

  @Override
  public List<LogEntry> page(List<KeyRange> ranges, int limit) {
    return store.page(ranges, limit).stream().map(StoredEntry::entry).toList();
  }

  @Override
  public List<LogEntry> find(List<TradeKey> keys) {
    if (keys.isEmpty()) {
      return List.of();
    }
    Set<TradeKey> wanted = new HashSet<>(keys);
    return store.findByIds(ids(keys)).stream()
        .filter(entry -> wanted.contains(entry.key()))
        .sorted((a, b) -> a.key().compareTo(b.key()))
        .map(StoredEntry::entry)
        .toList();
  }

  /** Does work of a view whose methods declare no exception. */
  <R> R write(EntryStore.Work<R> work) {
    try {
      return store.inTransaction(null, work);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw SideUnavailableException.unreachable(Side.STORE, String.valueOf(e.getMessage()), e);
    }
  }

  static SortedSet<String> ids(Collection<TradeKey> keys) {
    return keys.stream().map(TradeKey::id).collect(toCollection(TreeSet::new));
  }

  static Map<TradeKey, StoredEntry> byKey(List<StoredEntry> entries) {
    return entries.stream().collect(toMap(StoredEntry::key, Function.identity()));
  }
}
