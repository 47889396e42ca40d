package io.tradesync.redis.internal.consume;

import io.lettuce.core.Consumer;
import io.tradesync.redis.EntryDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The settings of a consumer, after their checks.
 *
 * @param streams keys of streams
 * @param patterns patterns that keys of streams match
 * @param discoveryInterval how often to look for streams that match
 * @param consumer the group, and the consumer's name in it
 * @param service the beginning of the names of all consumers of this service
 * @param removeConsumersAfter how long another consumer must be idle before its name is removed
 * @param groupStart the entry after which a new group begins
 * @param decoder says what an entry means
 * @param batchSize the number of entries of each stream in one read
 * @param maxEntryBytes the largest entry that is delivered
 * @param blockTime how long a read waits for entries
 * @param rereadDelay the pause before a hint is asked again
 * @param rereadLimit how long a hint is asked again
 * @param claimAfter how long a pending entry must be idle before another consumer claims it
 * @param deliveryLimit how often an entry is tried
 * @param deadLetterStream the stream of dead letters
 * @param maxDeadLetters the number of dead letters that are kept at least
 * @param maxRetryDelay the longest pause between two attempts
 */
public record ConsumerSettings(
    List<String> streams,
    List<String> patterns,
    Duration discoveryInterval,
    Consumer<String> consumer,
    String service,
    Duration removeConsumersAfter,
    String groupStart,
    EntryDecoder decoder,
    int batchSize,
    int maxEntryBytes,
    Duration blockTime,
    Duration rereadDelay,
    Duration rereadLimit,
    Duration claimAfter,
    int deliveryLimit,
    String deadLetterStream,
    long maxDeadLetters,
    Duration maxRetryDelay) {

  String group() {
    return consumer.getGroup();
  }

  /** The name under which the feed shows itself. */
  String feedName() {
    return "streams " + names();
  }

  /** The streams and patterns, for log lines. */
  String names() {
    List<String> names = new ArrayList<>(streams);
    names.addAll(patterns);
    return String.join(", ", names);
  }
}
