package io.tradesync.redis.internal.consume;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.protocol.CommandType;
import io.tradesync.redis.internal.client.RedisErrors;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.client.Timer;
import io.tradesync.redis.internal.loss.GroupLedger;
import io.tradesync.redis.internal.loss.StreamState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads entries that no consumer of the group was given yet, each time in one transaction with the
 * state of their streams, so that nothing can be trimmed away unnoticed. A full Redis refuses a
 * transaction, but not a read. Then the states just before and just after the read are compared
 * instead. Used by one thread.
 */
final class NewEntries {

  private static final Logger LOG = LoggerFactory.getLogger(NewEntries.class);

  private static final String NEVER_DELIVERED = ">";

  /** How long to read without transactions after Redis refused one. */
  private static final Duration FULL_RETRY = Duration.ofSeconds(5);

  private static final long MAX_WAIT_MILLIS = 250;

  private final ConsumerGroup group;
  private final GroupLedger ledger;

  private final Timer transactions = Timer.due();
  private boolean full;

  /** Each stream, and its state when new entries were last read; null before that. */
  private final Map<String, @Nullable StreamState> streams = new LinkedHashMap<>();

  /** Reads whose answers were not taken yet, in the order in which they were sent. */
  private final Queue<Read> sent = new ArrayDeque<>();

  /** The answers to XINFO STREAM and XINFO GROUPS for one stream. */
  private record StateAnswers(RedisFuture<List<Object>> stream, RedisFuture<List<Object>> groups) {}

  /**
   * The answers to a read.
   *
   * @param states the states just before the read
   * @param entries the end of the entries
   * @param output the entries
   * @param statesAfter the states just after the read; empty in a transaction
   * @param acknowledged what the ledger counted for each stream
   * @param askedNanos when the commands were sent
   * @param bounds the begin and the end of the transaction; empty without one
   */
  private record Read(
      Map<String, StateAnswers> states,
      RedisFuture<?> entries,
      BoundedOutput output,
      Map<String, StateAnswers> statesAfter,
      Map<String, Long> acknowledged,
      long askedNanos,
      List<RedisFuture<?>> bounds) {}

  /** Receives the state of a stream at a read. */
  interface StateListener {

    /** Is called before the entries of the read are returned. */
    void read(String stream, Look look);
  }

  /**
   * The state of a stream at a read.
   *
   * @param before the state just before the read
   * @param after the state just after the read, if others may have changed the stream meanwhile;
   *     null if the read was one transaction
   * @param acknowledged what the ledger counted when the state was asked for
   * @param askedNanos when that was
   */
  record Look(
      StreamState before, @Nullable StreamState after, long acknowledged, long askedNanos) {}

  NewEntries(ConsumerGroup group, GroupLedger ledger) {
    this.group = group;
    this.ledger = ledger;
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
   * @param states receives the state of each stream, unless Redis refused the read
   */
  List<StreamEntry> read(int count, StateListener states) {
    if (streams.isEmpty()) {
      return List.of();
    }
    Read ahead = sent.poll();
    Read read = ahead != null ? ahead : group.callAsync(redis -> send(redis, count));
    return group.callAsync(redis -> answer(read, states));
  }

  private Read send(RedisAsyncCommands<String, String> redis, int count) {
    Map<String, String> positions = new LinkedHashMap<>();
    Map<String, Long> acknowledged = new LinkedHashMap<>();
    for (String stream : streams.keySet()) {
      positions.put(stream, NEVER_DELIVERED);
      acknowledged.put(stream, ledger.acknowledged(stream));
    }
    long askedNanos = System.nanoTime();
    BoundedOutput output = group.output();
    boolean transaction = transactions.isDue();
    List<RedisFuture<?>> bounds = new ArrayList<>();
    if (transaction) {
      bounds.add(redis.multi());
    }
    Map<String, StateAnswers> states = askStates(redis);
    RedisFuture<?> entries =
        redis.dispatch(
            CommandType.XREADGROUP, output.ofStreams(), group.readGroup(count, positions));
    if (transaction) {
      bounds.add(redis.exec());
    }
    return new Read(
        states,
        entries,
        output,
        transaction ? Map.of() : askStates(redis),
        acknowledged,
        askedNanos,
        bounds);
  }

  private Map<String, StateAnswers> askStates(RedisAsyncCommands<String, String> redis) {
    Map<String, StateAnswers> states = new LinkedHashMap<>();
    for (String stream : streams.keySet()) {
      states.put(stream, new StateAnswers(redis.xinfoStream(stream), redis.xinfoGroups(stream)));
    }
    return states;
  }

  private List<StreamEntry> answer(Read read, StateListener listener) {
    if (!read.bounds.isEmpty() && isRefusedByFullRedis(read)) {
      return List.of();
    }
    Map<String, StreamState> states = awaitStates(read.states);
    await(read.entries);
    Map<String, StreamState> statesAfter = awaitStates(read.statesAfter);
    read.bounds.forEach(NewEntries::await);
    streams.putAll(states);
    states.forEach(
        (stream, state) ->
            listener.read(
                stream,
                new Look(
                    state,
                    statesAfter.get(stream),
                    read.acknowledged.getOrDefault(stream, 0L),
                    read.askedNanos)));
    return read.output.entries();
  }

  private Map<String, StreamState> awaitStates(Map<String, StateAnswers> answers) {
    Map<String, StreamState> states = new LinkedHashMap<>();
    answers.forEach(
        (stream, state) ->
            states.put(
                stream,
                ConsumerGroup.blaming(
                    stream,
                    () -> group.stateOf(stream, await(state.stream), await(state.groups)))));
    return states;
  }

  /** Whether Redis refused the transaction because it is full; then nothing was read. */
  private boolean isRefusedByFullRedis(Read read) {
    try {
      await(read.entries);
    } catch (RedisException e) {
      if (RedisErrors.code(e).equals(RedisErrors.FULL)) {
        transactions.restart(FULL_RETRY);
        if (!full) {
          LOG.warn("Redis is full; entries are read without transactions: {}", e.getMessage());
        }
        full = true;
        return true;
      }
      // Any other error comes again where the answers are taken.
      return false;
    }
    if (full) {
      LOG.info("Redis is no longer full; entries are read in transactions again");
      full = false;
    }
    return false;
  }

  private static <T> T await(RedisFuture<T> answer) {
    return LettuceFutures.awaitOrCancel(answer, RedisLink.TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Waits until a stream has an entry that the group had not been given at the last read, also if
   * another consumer has taken the entry since. Redis holds the connection of a read that waits, so
   * that whether to go on is asked between reads that wait for a short time.
   */
  void await(Duration timeout, BooleanSupplier goOn) {
    Map<String, String> positions = new LinkedHashMap<>();
    streams.forEach(
        (stream, state) ->
            positions.put(
                stream, state == null ? ConsumerGroup.BEGINNING : state.delivered().toString()));
    long left = Math.max(1, timeout.toMillis());
    boolean found = false;
    while (!found && left > 0 && goOn.getAsBoolean()) {
      XReadArgs firstEntry = XReadArgs.Builder.count(1).block(Math.min(left, MAX_WAIT_MILLIS));
      found =
          !group.call(redis -> redis.xread(firstEntry, ConsumerGroup.offsets(positions))).isEmpty();
      left -= MAX_WAIT_MILLIS;
    }
  }
}
