package io.tradesync.redis;

import io.tradesync.Trade;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A consumer that does with the entries of a {@link RedisStreamSink} what the document tells. */
final class Downstream {

  private static final Set<String> COLUMNS =
      Set.of(
          "id", "chain_id", "price", "quantity", "timestamp", "transaction_id", "side", "pool_id");
  private static final Set<String> OF_THE_ENTRY =
      Set.of("op", "key", "service", "revision", "old_id", "old_timestamp");

  private final Map<String, Long> applied = new HashMap<>();
  private final Map<String, Trade> trades = new HashMap<>();
  private final List<String> changes = new ArrayList<>();

  void consume(Map<String, String> entry) {
    String id = entry.get("id");
    long revision = Long.parseLong(entry.get("revision"));
    if (revision <= applied.getOrDefault(id, 0L)) {
      return;
    }
    applied.put(id, revision);
    changes.add(entry.get("op") + " " + entry.get("timestamp") + ":" + id);
    if (entry.get("op").equals("retract")) {
      trades.remove(id);
    } else {
      trades.put(id, trade(entry));
    }
  }

  private static Trade trade(Map<String, String> entry) {
    String[] further =
        entry.keySet().stream()
            .filter(field -> !COLUMNS.contains(field) && !OF_THE_ENTRY.contains(field))
            .toArray(String[]::new);
    Decoded decoded = EntryDecoder.trades(further).decode("stream", "1-1", entry);
    return ((Decoded.Whole) decoded).trade();
  }

  /** What it holds by now, in key order. */
  List<Trade> trades() {
    return trades.values().stream().sorted(Comparator.comparing(Trade::key)).toList();
  }

  /** What was no duplicate, in order: operation, second and id. */
  List<String> changes() {
    return changes;
  }
}
