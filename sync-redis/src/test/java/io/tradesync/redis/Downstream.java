package io.tradesync.redis;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A consumer that does with the entries of a {@link RedisStreamSink} what the document tells. */
final class Downstream {

  private static final Set<String> COLUMNS =
      Set.of(
          "id", "chain_id", "price", "quantity", "timestamp", "transaction_id", "side", "pool_id");
  private static final Set<String> OF_THE_ENTRY =
      Set.of("op", "key", "service", "old_id", "old_timestamp");

  private final Map<TradeKey, String> lastKeys = new HashMap<>();
  private final Map<TradeKey, Trade> trades = new TreeMap<>();
  private final List<String> changes = new ArrayList<>();

  void consume(Map<String, String> entry) {
    TradeKey trade = tradeKey(entry, "timestamp", "id");
    String key = entry.get("key");
    if (key.equals(lastKeys.put(trade, key))) {
      return;
    }
    changes.add(entry.get("op") + " " + trade.epochSecond() + ":" + trade.id());
    if (entry.containsKey("old_id")) {
      TradeKey old = tradeKey(entry, "old_timestamp", "old_id");
      lastKeys.put(old, key);
      trades.remove(old);
    }
    if (entry.get("op").equals("retract")) {
      trades.remove(trade);
    } else {
      trades.put(trade, trade(entry));
    }
  }

  private static TradeKey tradeKey(Map<String, String> entry, String second, String id) {
    return new TradeKey(Long.parseLong(entry.get(second)), entry.get(id));
  }

  private static Trade trade(Map<String, String> entry) {
    String[] further =
        entry.keySet().stream()
            .filter(field -> !COLUMNS.contains(field) && !OF_THE_ENTRY.contains(field))
            .toArray(String[]::new);
    Decoded decoded = EntryDecoder.trades(further).decode("stream", "1-1", entry);
    return ((Decoded.Whole) decoded).trade();
  }

  /** What it holds by now. */
  Collection<Trade> trades() {
    return trades.values();
  }

  /** The key of the last entry of each trade. */
  Map<TradeKey, String> lastKeys() {
    return lastKeys;
  }

  /** What was no duplicate, in order: operation, second and id. */
  List<String> changes() {
    return changes;
  }
}
