package io.tradesync.redis.internal.consume;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.loss.StreamState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads entries that no consumer of the group was given yet, each time in one transaction with the
 * state of their streams, so that nothing can be trimmed away unnoticed. Used by one thread.
 */
final class NewEntries {

  private static final String NEVER_DELIVERED = ">";

  private final ConsumerGroup group;

  /** Each stream, and its state when new entries were last read; null before that. */
  private final Map<String, @Nullable StreamState> streams = new LinkedHashMap<>();

  /** Reads whose answers were not taken yet, in the order in which they were sent. */
  private final Queue<Read> sent = new ArrayDeque<>();

  /** The answers to XINFO STREAM and XINFO GROUPS for one stream. */
  private record StateAnswers(RedisFuture<List<Object>> stream, RedisFuture<List<Object>> groups) {}

  /** The answers to a read, in the order of its commands. */
  private record Read(
      RedisFuture<?> begin,
      Map<String, StateAnswers> states,
      RedisFuture<List<StreamMessage<String, String>>> entries,
      RedisFuture<?> end) {}

  NewEntries(ConsumerGroup group) {
    this.group = group;
  }

  /** Reads a stream from now on; the group must exist on it. */
  void add(String stream) {
    streams.put(stream, null);
  }

  Set<String> streams() {
    return Set.copyOf(streams.keySet());
  }

  /** Sends a read without waiting for the answer, which {@link #read} returns. */
  void readAhead(int count) {
    sent.add(group.callAsync(redis -> send(redis, count)));
  }

  /** Whether a read was sent whose answer was not taken yet. */
  boolean isReadAhead() {
    return !sent.isEmpty();
  }

  /**
   * Returns the answer to the oldest read that was sent ahead, or reads now. Does not wait for new
   * entries.
   *
   * @param count the number of entries of each stream at most
   * @param states receives each stream's state just before this read
   */
  List<StreamEntry> read(int count, BiConsumer<String, StreamState> states) {
    if (streams.isEmpty()) {
      return List.of();
    }
    Read ahead = sent.poll();
    Read read = ahead != null ? ahead : group.callAsync(redis -> send(redis, count));
    return group.callAsync(redis -> answer(read, states)).stream()
        .map(message -> StreamEntry.of(message, 1))
        .toList();
  }

  private Read send(RedisAsyncCommands<String, String> redis, int count) {
    Map<String, String> positions = new LinkedHashMap<>();
    Map<String, StateAnswers> states = new LinkedHashMap<>();
    RedisFuture<String> begin = redis.multi();
    for (String stream : streams.keySet()) {
      positions.put(stream, NEVER_DELIVERED);
      states.put(stream, new StateAnswers(redis.xinfoStream(stream), redis.xinfoGroups(stream)));
    }
    RedisFuture<List<StreamMessage<String, String>>> entries =
        redis.xreadgroup(
            group.consumer(), XReadArgs.Builder.count(count), ConsumerGroup.offsets(positions));
    return new Read(begin, states, entries, redis.exec());
  }

  private List<StreamMessage<String, String>> answer(
      Read read, BiConsumer<String, StreamState> listener) {
    Map<String, StreamState> states = new LinkedHashMap<>();
    read.states.forEach(
        (stream, answers) ->
            states.put(
                stream,
                ConsumerGroup.blaming(
                    stream,
                    () -> group.stateOf(stream, await(answers.stream), await(answers.groups)))));
    await(read.begin);
    List<StreamMessage<String, String>> messages = await(read.entries);
    await(read.end);
    streams.putAll(states);
    states.forEach(listener);
    return messages;
  }

  private static <T> T await(RedisFuture<T> answer) {
    return LettuceFutures.awaitOrCancel(answer, RedisLink.TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Waits until a stream has an entry that the group had not been given at the last read, also if
   * another consumer has taken the entry since.
   */
  void await(Duration timeout) {
    Map<String, String> positions = new LinkedHashMap<>();
    streams.forEach(
        (stream, state) ->
            positions.put(
                stream, state == null ? ConsumerGroup.BEGINNING : state.delivered().toString()));
    XReadArgs firstEntry = XReadArgs.Builder.count(1).block(Math.max(1, timeout.toMillis()));
    group.call(redis -> redis.xread(firstEntry, ConsumerGroup.offsets(positions)));
  }
}
