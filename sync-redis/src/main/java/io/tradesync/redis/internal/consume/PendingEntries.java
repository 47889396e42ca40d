package io.tradesync.redis.internal.consume;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
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
    List<StreamMessage<String, String>> messages =
        group.on(
            stream,
            redis ->
                redis.xreadgroup(
                    group.consumer(), XReadArgs.Builder.count(count), ConsumerGroup.offsets(from)));
    if (messages.isEmpty()) {
      positions.remove(stream);
      return List.of();
    }
    String last = messages.get(messages.size() - 1).getId();
    positions.put(stream, last);
    Map<String, Long> deliveries = new HashMap<>();
    group
        .on(
            stream,
            redis ->
                redis.xpending(
                    stream,
                    group.consumer(),
                    Range.create(messages.get(0).getId(), last),
                    Limit.from(messages.size())))
        .forEach(pending -> deliveries.put(pending.getId(), pending.getRedeliveryCount()));
    return messages.stream()
        .map(message -> StreamEntry.of(message, deliveries.getOrDefault(message.getId(), 1L)))
        .toList();
  }
}
