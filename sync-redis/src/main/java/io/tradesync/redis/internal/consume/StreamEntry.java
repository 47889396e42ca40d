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
 * @param body the entry's fields; null if the entry was pending and is gone from the stream, or if
 *     its body was left in Redis
 * @param deliveries how often the entry was delivered, this time included
 * @param bytes the size of the fields
 * @param isLeft whether the body did not fit into memory and was left in Redis
 */
record StreamEntry(
    String stream,
    String id,
    @Nullable Map<String, String> body,
    long deliveries,
    long bytes,
    boolean isLeft) {

  static StreamEntry of(StreamMessage<String, String> message, long deliveries, long bytes) {
    Map<String, String> body = message.getBody();
    return new StreamEntry(
        message.getStream(),
        message.getId(),
        body == null || body.isEmpty() ? null : body,
        deliveries,
        bytes,
        false);
  }

  /** An entry that was pending and is gone from its stream. */
  static StreamEntry gone(String stream, String id, long deliveries) {
    return new StreamEntry(stream, id, null, deliveries, 0, false);
  }

  StreamEntry withBody(@Nullable Map<String, String> other) {
    return new StreamEntry(stream, id, other, deliveries, bytes, false);
  }

  StreamEntry withDeliveries(long count) {
    return new StreamEntry(stream, id, body, count, bytes, isLeft);
  }

  StreamEntry leaveBody() {
    return new StreamEntry(stream, id, null, deliveries, bytes, true);
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
