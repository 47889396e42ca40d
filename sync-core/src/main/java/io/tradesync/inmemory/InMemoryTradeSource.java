package io.tradesync.inmemory;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A source in memory, for tests, whose trades can be changed. An id is unique, as in a real source:
 * a trade that is put in replaces the one with the same id, also at another timestamp. Thread-safe.
 */
public final class InMemoryTradeSource implements TradeSource {

  private final TreeMap<TradeKey, Trade> trades = new TreeMap<>();
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

  /** Removes a trade; returns whether it was there. */
  public synchronized boolean remove(String id) {
    TradeKey key = keys.remove(id);
    return key != null && trades.remove(key) != null;
  }

  public synchronized void clear() {
    keys.clear();
    trades.clear();
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
    List<Trade> oneMore =
        trades.subMap(range.after(), false, range.upTo(), true).values().stream()
            .limit(limit + 1L)
            .toList();
    return SourcePage.cut(oneMore, limit);
  }

  @Override
  public synchronized SourcePage<Trade> byIds(Collection<String> ids) {
    List<Trade> found = new ArrayList<>();
    ids.stream()
        .distinct()
        .map(keys::get)
        .filter(key -> key != null)
        .sorted()
        .forEach(key -> Optional.ofNullable(trades.get(key)).ifPresent(found::add));
    return SourcePage.last(found);
  }

  @Override
  public synchronized Optional<TradeKey> last(KeyRange range) {
    return range.isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(trades.floorKey(range.upTo())).filter(range::contains);
  }
}
