package io.tradesync.redis.internal.consume;

import io.lettuce.core.Consumer;
import io.tradesync.redis.EntryDecoder;
import java.time.Duration;
import java.util.List;

/**
 * A consumer's settings, checked.
 *
 * @param streams keys of streams
 * @param patterns patterns of keys of streams
 * @param discoveryInterval how often to look for streams that match
 * @param consumer the group and the name in it
 * @param named whether that name was chosen by the user
 * @param groupStart where a new group begins
 * @param decoder what an entry means
 * @param batchSize entries of each stream a read
 * @param blockTime how long to wait for entries
 * @param rereadDelay the pause before a hint is asked again
 * @param rereadLimit how long a hint is asked again
 * @param claimAfter how long an entry is left to a consumer that does not ask for it
 * @param deliveryLimit how often an entry is tried
 * @param deadLetters the stream of dead letters
 * @param maxRetryDelay the longest pause between two attempts
 */
public record ConsumerSettings(
    List<String> streams,
    List<String> patterns,
    Duration discoveryInterval,
    Consumer<String> consumer,
    boolean named,
    String groupStart,
    EntryDecoder decoder,
    int batchSize,
    Duration blockTime,
    Duration rereadDelay,
    Duration rereadLimit,
    Duration claimAfter,
    int deliveryLimit,
    String deadLetters,
    Duration maxRetryDelay) {}
