package io.tradesync.redis.internal.consume;

import io.lettuce.core.Consumer;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.models.stream.PendingMessages;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.tradesync.redis.internal.client.LosslessCodec;
import io.tradesync.redis.internal.client.RedisErrors;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.client.ServerInfo;
import io.tradesync.redis.internal.format.EntryId;
import io.tradesync.redis.internal.loss.Loss;
import io.tradesync.redis.internal.loss.LossKind;
import io.tradesync.redis.internal.loss.Pairs;
import io.tradesync.redis.internal.loss.StreamState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A consumer group on one connection: creates the group, tells its state, and takes the consumer
 * out of it. When the connection is lost this object is thrown away; the next one reads again what
 * was delivered and not acknowledged. Used by one thread.
 */
final class ConsumerGroup implements AutoCloseable {

  /** The position before a stream's first entry. */
  static final String BEGINNING = "0";

  // No pending entry has a larger id. The largest of all ids would mean new entries to Redis.
  private static final String AFTER_ALL_PENDING = "18446744073709551615-18446744073709551614";

  /** How much of an answer is kept in memory, unless one entry may be larger. */
  private static final long MAX_READ_BYTES = 16L << 20;

  /**
   * A consumer of the group.
   *
   * @param pending the entries that it was given and did not acknowledge
   * @param idle how long ago it last asked Redis for entries
   */
  record Member(String name, long pending, Duration idle) {}

  private final RedisLink link;
  private final StatefulRedisConnection<String, String> connection;
  private final ConsumerSettings settings;
  private final Consumer<String> consumer;

  private ConsumerGroup(
      RedisLink link,
      StatefulRedisConnection<String, String> connection,
      ConsumerSettings settings) {
    this.link = link;
    this.connection = connection;
    this.settings = settings;
    this.consumer = settings.consumer();
  }

  /**
   * Opens a connection.
   *
   * @param routedBy the key whose node of a cluster to connect to; null for the node of the URI
   */
  static ConsumerGroup open(RedisLink link, @Nullable String routedBy, ConsumerSettings settings) {
    Duration blocking = settings.blockTime();
    return link.call(
        () ->
            new ConsumerGroup(
                link,
                routedBy == null ? link.connect(blocking) : link.connectTo(routedBy, blocking),
                settings));
  }

  /** Opens a connection to each master of a cluster; the caller closes them. */
  static List<ConsumerGroup> openMasters(RedisLink link, ConsumerSettings settings) {
    return link.call(
        () ->
            link.connectToMasters().stream()
                .map(connection -> new ConsumerGroup(link, connection, settings))
                .toList());
  }

  Consumer<String> consumer() {
    return consumer;
  }

  /** Sends commands; exceptions are those of {@link RedisLink#call}. */
  <T> T call(Function<RedisCommands<String, String>, T> commands) {
    return link.call(() -> commands.apply(connection.sync()));
  }

  /**
   * Sends commands about one stream.
   *
   * @throws StreamUnusableException if Redis refuses them for a reason of this stream
   */
  <T> T on(String stream, Function<RedisCommands<String, String>, T> commands) {
    return call(redis -> blaming(stream, () -> commands.apply(redis)));
  }

  /** Turns an error that is about one stream into a {@link StreamUnusableException}. */
  static <T> T blaming(String stream, Supplier<T> commands) {
    try {
      return commands.get();
    } catch (RedisException e) {
      String reason = RedisErrors.streamReason(stream, e);
      throw reason == null ? e : new StreamUnusableException(stream, reason);
    }
  }

  /** Sends commands whose answers come later. */
  <T> T callAsync(Function<RedisAsyncCommands<String, String>, T> commands) {
    return link.call(() -> commands.apply(connection.async()));
  }

  ServerInfo server() {
    return call(ServerInfo::ask);
  }

  /**
   * Creates the group on a stream that lacks it, and the stream if it does not exist.
   *
   * @param start the entry after which a new group begins
   * @return whether the group was created
   * @throws StreamUnusableException if the key holds something else, or the user lacks a right
   */
  boolean ensure(String stream, String start) {
    return on(
        stream,
        redis -> {
          try {
            redis.xgroupCreate(
                StreamOffset.from(stream, start),
                consumer.getGroup(),
                XGroupCreateArgs.Builder.mkstream());
            return true;
          } catch (RedisCommandExecutionException e) {
            if (RedisErrors.code(e).equals("BUSYGROUP")) {
              return false;
            }
            if (RedisErrors.code(e).equals(RedisErrors.FULL)) {
              // A full Redis refuses before it looks whether the group exists.
              return requireExisting(redis, stream, e);
            }
            throw e;
          }
        });
  }

  private boolean requireExisting(
      RedisCommands<String, String> redis, String stream, RedisCommandExecutionException refusal) {
    if (!exists(redis, stream)) {
      throw new StreamUnusableException(
          stream, "Redis is full, so the group cannot be created (" + refusal.getMessage() + ")");
    }
    return false;
  }

  private boolean exists(RedisCommands<String, String> redis, String stream) {
    try {
      StreamState state =
          StreamState.of(redis.xinfoStream(stream), redis.xinfoGroups(stream), consumer.getGroup());
      return state != null;
    } catch (RedisCommandExecutionException e) {
      if (String.valueOf(e.getMessage()).contains("no such key")) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Fails if this consumer may not read entries of a stream. Reads none.
   *
   * @throws StreamUnusableException if Redis refuses for a reason of this stream
   */
  void probe(String stream) {
    on(
        stream,
        redis ->
            redis.xreadgroup(
                consumer, XReadArgs.Builder.count(1), offsets(Map.of(stream, AFTER_ALL_PENDING))));
  }

  /** The state of a stream and the group now. */
  StreamState state(String stream) {
    return on(
        stream, redis -> stateOf(stream, redis.xinfoStream(stream), redis.xinfoGroups(stream)));
  }

  /** The state of a stream and the group, by the answers to XINFO STREAM and XINFO GROUPS. */
  StreamState stateOf(String stream, List<Object> info, List<Object> groups) {
    StreamState state = StreamState.of(info, groups, consumer.getGroup());
    if (state == null) {
      throw new RedisCommandExecutionException(
          "NOGROUP " + consumer.getGroup() + " of stream " + stream);
    }
    return state;
  }

  /** What the group has not finished, over some streams. */
  GroupBacklog backlog(Set<String> streams) {
    return streams.stream().map(this::backlog).reduce(GroupBacklog.NONE, GroupBacklog::plus);
  }

  private GroupBacklog backlog(String stream) {
    PendingMessages summary = on(stream, redis -> redis.xpending(stream, consumer.getGroup()));
    String first = summary.getMessageIds().getLower().getValue();
    Long oldest = summary.getCount() > 0 && first != null ? EntryId.parse(first).millis() : null;
    return new GroupBacklog(
        summary.getCount(), oldest, state(stream).lag(), System.currentTimeMillis());
  }

  /** Whether an entry was given to this consumer and is not acknowledged. */
  boolean isPending(String stream, EntryId id) {
    Range<String> only = Range.create(id.toString(), id.toString());
    return on(stream, redis -> !redis.xpending(stream, consumer, only, Limit.from(1)).isEmpty());
  }

  /** The other consumers of the group. */
  List<Member> others(String stream) {
    return on(stream, redis -> redis.xinfoConsumers(stream, consumer.getGroup())).stream()
        .map(answer -> Pairs.of((List<?>) answer))
        .map(
            pairs ->
                new Member(
                    String.valueOf(pairs.value("name")),
                    pairs.number("pending", 0),
                    Duration.ofMillis(pairs.number("idle", 0))))
        .filter(member -> !member.name().equals(consumer.getName()))
        .toList();
  }

  /**
   * Removes a name from the group.
   *
   * @return the loss, if entries were pending for it after all
   */
  Optional<Loss> remove(String stream, String name) {
    Long gone =
        on(
            stream,
            redis -> redis.xgroupDelconsumer(stream, Consumer.from(consumer.getGroup(), name)));
    return gone == null || gone == 0
        ? Optional.empty()
        : Optional.of(
            new Loss(
                LossKind.SKIPPED,
                gone
                    + " pending entries of stream "
                    + stream
                    + " went with the name of a consumer"));
  }

  /** Removes this consumer from the group of a stream, if nothing is pending for it. */
  Optional<Loss> leave(String stream) {
    boolean empty =
        on(
            stream,
            redis -> redis.xpending(stream, consumer, Range.unbounded(), Limit.from(1)).isEmpty());
    return empty ? remove(stream, consumer.getName()) : Optional.empty();
  }

  /** How much of an answer is kept in memory. */
  long maxReadBytes() {
    return Math.max(MAX_READ_BYTES, settings.maxEntryBytes());
  }

  /** An output for one command that answers with entries. */
  BoundedOutput output() {
    return new BoundedOutput(settings.maxEntryBytes(), maxReadBytes());
  }

  /** The arguments of XREADGROUP. */
  CommandArgs<String, String> readGroup(int count, Map<String, String> positions) {
    CommandArgs<String, String> args =
        new CommandArgs<>(LosslessCodec.INSTANCE)
            .add("GROUP")
            .addKey(consumer.getGroup())
            .addKey(consumer.getName())
            .add("COUNT")
            .add(count)
            .add("STREAMS")
            .addKeys(positions.keySet());
    positions.values().forEach(args::add);
    return args;
  }

  /** Reads the body of an entry that was left in Redis. */
  StreamEntry entry(StreamEntry left) {
    BoundedOutput output = output();
    CommandArgs<String, String> args =
        new CommandArgs<>(LosslessCodec.INSTANCE)
            .addKey(left.stream())
            .add(left.id())
            .add(left.id());
    on(left.stream(), redis -> redis.dispatch(CommandType.XRANGE, output.of(left.stream()), args));
    return output.entries().isEmpty()
        ? StreamEntry.gone(left.stream(), left.id(), left.deliveries())
        : output.entries().get(0).withDeliveries(left.deliveries());
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  static StreamOffset<String>[] offsets(Map<String, String> positions) {
    return positions.entrySet().stream()
        .map(position -> StreamOffset.from(position.getKey(), position.getValue()))
        .toArray(StreamOffset[]::new);
  }

  @Override
  public void close() {
    RedisLink.close(connection);
  }
}
