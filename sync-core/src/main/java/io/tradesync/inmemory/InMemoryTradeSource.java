package io.tradesync.inmemory;

import io.tradesync.KeyRange;
import io.tradesync.Keyed;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.UnreadableRow;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A source in memory, for tests, whose trades can be changed. An id is unique, as in a real source:
 * a trade that is put in replaces the one with the same id, also at another timestamp. Thread-safe.
 */
public final class InMemoryTradeSource implements TradeSource {

  private final TreeMap<TradeKey, Trade> trades = new TreeMap<>();
  private final TreeMap<TradeKey, UnreadableRow> unreadable = new TreeMap<>();
  private final Map<String, TradeKey> keys = new HashMap<>();

  public InMemoryTradeSource() {}

  public InMemoryTradeSource put(Trade... added) {
    return putAll(List.of(added));
  }

  /** Puts trades in, all at one moment. */
  public synchronized InMemoryTradeSource putAll(Collection<Trade> added) {
    for (Trade trade : added) {
      remove(trade.id());
      keys.put(trade.id(), trade.key());
      trades.put(trade.key(), trade);
    }
    return this;
  }

  /** Puts rows in that are no trades, all at one moment; each replaces the row with the same id. */
  public synchronized InMemoryTradeSource putUnreadable(UnreadableRow... added) {
    for (UnreadableRow row : added) {
      remove(row.key().id());
      keys.put(row.key().id(), row.key());
      unreadable.put(row.key(), row);
    }
    return this;
  }

  /** Removes a trade, or a row that is none; returns whether it was there. */
  public synchronized boolean remove(String id) {
    TradeKey key = keys.remove(id);
    return key != null && (trades.remove(key) != null || unreadable.remove(key) != null);
  }

  public synchronized void clear() {
    keys.clear();
    trades.clear();
    unreadable.clear();
  }

  /** Returns a copy of all trades, in key order. */
  public synchronized List<Trade> trades() {
    return List.copyOf(trades.values());
  }

  @Override
  public synchronized SourcePage<Trade> page(KeyRange range, int limit) {
    if (range.isEmpty()) {
      return SourcePage.last(List.of());
    }
    List<Trade> readable = first(trades, range, limit + 1L);
    List<UnreadableRow> others = first(unreadable, range, limit + 1L);
    if (others.isEmpty()) {
      return SourcePage.cut(readable, limit);
    }
    // Of both, the first ones of all.
    List<TradeKey> first =
        Stream.of(readable, others)
            .flatMap(List::stream)
            .map(Keyed::key)
            .sorted()
            .limit(limit + 1L)
            .toList();
    TradeKey end = first.isEmpty() ? range.after() : first.get(first.size() - 1);
    return SourcePage.cut(upTo(end, readable), upTo(end, others), limit);
  }

  private static <T> List<T> first(NavigableMap<TradeKey, T> rows, KeyRange range, long limit) {
    return rows.subMap(range.after(), false, range.upTo(), true).values().stream()
        .limit(limit)
        .toList();
  }

  private static <T extends Keyed> List<T> upTo(TradeKey end, List<T> rows) {
    return rows.stream().filter(row -> !end.isBefore(row.key())).toList();
  }

  @Override
  public synchronized SourcePage<Trade> byIds(Collection<String> ids) {
    List<TradeKey> wanted =
        ids.stream().distinct().map(keys::get).filter(key -> key != null).sorted().toList();
    return SourcePage.last(
        wanted.stream().map(trades::get).filter(trade -> trade != null).toList(),
        wanted.stream().map(unreadable::get).filter(row -> row != null).toList());
  }

  @Override
  public synchronized Optional<TradeKey> last(KeyRange range) {
    if (range.isEmpty()) {
      return Optional.empty();
    }
    return Stream.of(trades.floorKey(range.upTo()), unreadable.floorKey(range.upTo()))
        .filter(key -> key != null && range.contains(key))
        .max(TradeKey::compareTo);
  }
}
