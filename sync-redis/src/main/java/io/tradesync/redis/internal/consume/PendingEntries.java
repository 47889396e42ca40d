package io.tradesync.redis.internal.consume;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.protocol.CommandType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads again what this consumer was given before it connected and has not acknowledged, from the
 * oldest entry on, each once. Used by one thread.
 */
final class PendingEntries {

  private final ConsumerGroup group;

  /** The last id that was read of each stream; a stream without further entries is not in it. */
  private final Map<String, String> positions = new LinkedHashMap<>();

  PendingEntries(ConsumerGroup group) {
    this.group = group;
  }

  void add(String stream) {
    positions.put(stream, ConsumerGroup.BEGINNING);
  }

  /** Reads at most so many entries of each stream; none are left if it returns none. */
  List<StreamEntry> read(int count) {
    List<StreamEntry> entries = new ArrayList<>();
    for (String stream : List.copyOf(positions.keySet())) {
      entries.addAll(read(stream, count));
    }
    return entries;
  }

  private List<StreamEntry> read(String stream, int count) {
    Map<String, String> from = Map.of(stream, positions.getOrDefault(stream, ""));
    BoundedOutput output = group.output();
    group.on(
        stream,
        redis ->
            redis.dispatch(
                CommandType.XREADGROUP, output.ofStreams(), group.readGroup(count, from)));
    List<StreamEntry> entries = output.entries();
    if (entries.isEmpty()) {
      positions.remove(stream);
      return List.of();
    }
    String last = entries.get(entries.size() - 1).id();
    positions.put(stream, last);
    Map<String, Long> deliveries = new HashMap<>();
    group
        .on(
            stream,
            redis ->
                redis.xpending(
                    stream,
                    group.consumer(),
                    Range.create(entries.get(0).id(), last),
                    Limit.from(entries.size())))
        .forEach(pending -> deliveries.put(pending.getId(), pending.getRedeliveryCount()));
    return entries.stream()
        .map(entry -> entry.withDeliveries(deliveries.getOrDefault(entry.id(), 1L)))
        .toList();
  }
}
