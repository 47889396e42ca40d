package io.tradesync.redis.internal.consume;

import io.lettuce.core.StreamMessage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entry that was delivered to this consumer.
 *
 * @param stream the stream's key
 * @param id the entry's id in the stream
 * @param body the entry's fields; null if the entry was pending and is gone from the stream
 * @param deliveries how often the entry was delivered, this time included
 */
record StreamEntry(String stream, String id, @Nullable Map<String, String> body, long deliveries) {

  static StreamEntry of(StreamMessage<String, String> message, long deliveries) {
    Map<String, String> body = message.getBody();
    return new StreamEntry(
        message.getStream(),
        message.getId(),
        body == null || body.isEmpty() ? null : body,
        deliveries);
  }

  /** The ids of some entries, by stream. */
  static Map<String, String[]> idsByStream(Collection<StreamEntry> entries) {
    Map<String, List<String>> ids = new LinkedHashMap<>();
    entries.forEach(
        entry -> ids.computeIfAbsent(entry.stream, stream -> new ArrayList<>()).add(entry.id));
    Map<String, String[]> arrays = new LinkedHashMap<>();
    ids.forEach((stream, some) -> arrays.put(stream, some.toArray(String[]::new)));
    return arrays;
  }

  @Override
  public String toString() {
    return "entry " + id + " of stream " + stream;
  }
}
