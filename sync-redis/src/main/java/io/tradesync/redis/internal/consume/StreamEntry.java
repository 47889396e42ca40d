package io.tradesync.redis.internal.consume;

import io.lettuce.core.StreamMessage;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entry that was delivered to this consumer.
 *
 * @param stream the stream's key
 * @param id the entry's id in it
 * @param body its fields; null if it was pending and is gone from the stream
 * @param deliveries how often it was delivered, this time included
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

  @Override
  public String toString() {
    return "entry " + id + " of stream " + stream;
  }
}
