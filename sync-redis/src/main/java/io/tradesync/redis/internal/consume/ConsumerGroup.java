package io.tradesync.redis.internal.consume;

import io.lettuce.core.Consumer;
import io.lettuce.core.KeyScanArgs;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAutoClaimArgs;
import io.lettuce.core.XClaimArgs;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XPendingArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.models.stream.PendingMessage;
import io.lettuce.core.models.stream.PendingMessages;
import io.tradesync.InvalidSettingException;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.client.ServerInfo;
import io.tradesync.redis.internal.format.EntryId;
import io.tradesync.redis.internal.loss.StreamState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A consumer group's streams as one consumer sees them, over one connection. When the connection is
 * lost this is of no use any more: what was delivered and not received is then pending, and a new
 * one reads it. Used by one thread.
 */
public final class ConsumerGroup implements AutoCloseable {

  /** Before a stream's first entry. */
  public static final String BEGINNING = "0";

  private static final String NEW = ">";
  private static final int KEYS_A_SCAN = 1_000;

  private final RedisLink link;
  private final StatefulRedisConnection<String, String> connection;
  private final RedisCommands<String, String> redis;
  private final Consumer<String> consumer;

  /** Each stream, and its state when new entries were last read. */
  private final Map<String, @Nullable StreamState> streams = new LinkedHashMap<>();

  /** Up to where this consumer's own pending entries were read; a stream that has none is out. */
  private final Map<String, String> pending = new LinkedHashMap<>();

  /** New entries that were asked for and not taken yet, in the order of the asking. */
  private final Queue<Reading> ahead = new ArrayDeque<>();

  /** New entries that were asked for, and how each stream is at the moment they are given. */
  private record Reading(
      Map<String, RedisFuture<List<Object>>> infos,
      Map<String, RedisFuture<List<Object>>> groups,
      RedisFuture<List<StreamMessage<String, String>>> entries,
      RedisFuture<?> begin,
      RedisFuture<?> end) {

    RedisFuture<?>[] replies() {
      List<RedisFuture<?>> replies = new ArrayList<>(infos.values());
      replies.addAll(groups.values());
      replies.addAll(List.of(begin, entries, end));
      return replies.toArray(RedisFuture<?>[]::new);
    }
  }

  private ConsumerGroup(
      RedisLink link,
      StatefulRedisConnection<String, String> connection,
      Consumer<String> consumer) {
    this.link = link;
    this.connection = connection;
    this.redis = connection.sync();
    this.consumer = consumer;
  }

  /**
   * Connects.
   *
   * @param link where Redis is
   * @param routedBy the key whose node of a cluster to connect to; null for the one that is named
   * @param consumer the group and the name in it
   * @param blocking how long a read may wait
   */
  public static ConsumerGroup open(
      RedisLink link, @Nullable String routedBy, Consumer<String> consumer, Duration blocking) {
    return link.call(
        () ->
            new ConsumerGroup(
                link,
                routedBy == null ? link.connect(blocking) : link.connectTo(routedBy, blocking),
                consumer));
  }

  /** Connects to each master of a cluster; each is the caller's to close. */
  public static List<ConsumerGroup> openMasters(RedisLink link, Consumer<String> consumer) {
    return link.call(
        () ->
            link.connectToMasters().stream()
                .map(connection -> new ConsumerGroup(link, connection, consumer))
                .toList());
  }

  /** Which server answers. */
  public ServerInfo server() {
    return link.call(() -> ServerInfo.ask(redis));
  }

  /** The keys of streams that match any of the patterns, as this server has them. */
  public Set<String> find(List<String> patterns) {
    Set<String> found = new TreeSet<>();
    for (String pattern : patterns) {
      KeyScanArgs args = new KeyScanArgs().type("stream").match(pattern).limit(KEYS_A_SCAN);
      link.call(
          () -> {
            var cursor = redis.scan(args);
            found.addAll(cursor.getKeys());
            while (!cursor.isFinished()) {
              cursor = redis.scan(ScanCursor.of(cursor.getCursor()), args);
              found.addAll(cursor.getKeys());
            }
            return true;
          });
    }
    return found;
  }

  /** Reads a stream from now on; its group must be there. */
  void add(String stream) {
    streams.put(stream, null);
    pending.put(stream, BEGINNING);
  }

  Set<String> streams() {
    return Set.copyOf(streams.keySet());
  }

  /**
   * Makes the group on a stream that lacks it, and the stream if it is not there.
   *
   * @param stream the stream's key
   * @param start the entry after which a new group begins
   * @return whether the group was made
   * @throws InvalidSettingException if the key holds something else than a stream; names it
   */
  public boolean ensure(String stream, String start) {
    return link.call(
        () -> {
          try {
            redis.xgroupCreate(
                StreamOffset.from(stream, start),
                consumer.getGroup(),
                XGroupCreateArgs.Builder.mkstream());
            return true;
          } catch (RedisCommandExecutionException e) {
            String code = RedisLink.errorCode(e);
            if (code.equals("BUSYGROUP")) {
              return false;
            }
            throw code.equals("WRONGTYPE") ? notAStream(stream) : e;
          }
        });
  }

  public static InvalidSettingException notAStream(String stream) {
    return new InvalidSettingException(
        "stream",
        stream,
        "must be the key of a Redis stream, and Redis keeps something else there (name another key,"
            + " or move that away)");
  }

  /** How a stream and its group are now. */
  public StreamState state(String stream) {
    return link.call(
        () ->
            required(
                stream,
                StreamState.of(
                    redis.xinfoStream(stream), redis.xinfoGroups(stream), consumer.getGroup())));
  }

  private StreamState required(String stream, @Nullable StreamState state) {
    if (state == null) {
      throw new RedisCommandExecutionException(
          "NOGROUP " + consumer.getGroup() + " of stream " + stream);
    }
    return state;
  }

  /**
   * Reads entries that this consumer was given before and did not acknowledge, from the oldest on,
   * each once. None are left when it returns none.
   *
   * @param count how many entries of each stream at most
   * @return the entries
   */
  List<StreamEntry> readPending(int count) {
    List<StreamEntry> entries = new ArrayList<>();
    for (String stream : List.copyOf(pending.keySet())) {
      List<StreamMessage<String, String>> some =
          link.call(
              () ->
                  redis.xreadgroup(
                      consumer,
                      XReadArgs.Builder.count(count),
                      offsets(Map.of(stream, pending.get(stream)))));
      if (some.isEmpty()) {
        pending.remove(stream);
        continue;
      }
      String last = some.get(some.size() - 1).getId();
      pending.put(stream, last);
      Map<String, Long> deliveries = new HashMap<>();
      link.call(
              () ->
                  redis.xpending(
                      stream,
                      consumer,
                      Range.create(some.get(0).getId(), last),
                      Limit.from(some.size())))
          .forEach(each -> deliveries.put(each.getId(), each.getRedeliveryCount()));
      some.forEach(
          each -> entries.add(StreamEntry.of(each, deliveries.getOrDefault(each.getId(), 1L))));
    }
    return entries;
  }

  /**
   * Takes over entries that other consumers were given long ago and did not acknowledge.
   *
   * @param minIdle how long nobody may have asked for such an entry
   * @param count how many entries of each stream at most
   * @return the entries, also those that are gone from their stream
   */
  List<StreamEntry> claim(Duration minIdle, int count) {
    List<StreamEntry> entries = new ArrayList<>();
    for (String stream : streams.keySet()) {
      entries.addAll(link.call(() -> claim(stream, minIdle, count)));
    }
    return entries;
  }

  private List<StreamEntry> claim(String stream, Duration minIdle, int count) {
    Map<String, Long> idle = new LinkedHashMap<>();
    for (PendingMessage each : idle(stream, minIdle, count)) {
      idle.put(each.getId(), each.getRedeliveryCount());
    }
    if (idle.isEmpty()) {
      return List.of();
    }
    List<StreamEntry> entries = new ArrayList<>();
    redis
        .xautoclaim(
            stream,
            new XAutoClaimArgs<String>()
                .consumer(consumer)
                .minIdleTime(minIdle)
                .startId(idle.keySet().iterator().next())
                .count(count))
        .getMessages()
        .forEach(
            each -> {
              Long deliveries = idle.remove(each.getId());
              entries.add(StreamEntry.of(each, deliveries == null ? 1 : deliveries + 1));
            });
    // Redis takes what is gone from its stream out of the list of pending ones, and Lettuce does
    // not tell; the others somebody else has claimed just now.
    idle.forEach(
        (id, deliveries) -> {
          if (redis.xrange(stream, Range.create(id, id)).isEmpty()) {
            entries.add(new StreamEntry(stream, id, null, deliveries));
          }
        });
    return entries;
  }

  private List<PendingMessage> idle(String stream, Duration minIdle, int count) {
    return redis.xpending(
        stream,
        new XPendingArgs<String>()
            .group(consumer.getGroup())
            .idle(minIdle)
            .range(Range.unbounded())
            .limit(Limit.from(count)));
  }

  /**
   * Asks for new entries and does not wait for the answer, which a {@link #readNew} returns.
   *
   * @param count how many entries of each stream at most
   */
  void readAhead(int count) {
    ahead.add(link.call(() -> ask(count)));
  }

  /** Whether new entries were asked for that nobody has taken yet. */
  boolean isReadAhead() {
    return !ahead.isEmpty();
  }

  /**
   * Reads new entries. Does not wait for any.
   *
   * @param count how many entries of each stream at most
   * @param before is told how each stream was at the moment of this read, before anybody can act on
   *     the entries
   * @return the entries
   */
  List<StreamEntry> readNew(int count, BiConsumer<String, StreamState> before) {
    if (streams.isEmpty()) {
      return List.of();
    }
    Reading asked = ahead.poll();
    List<StreamMessage<String, String>> entries =
        link.call(() -> answer(asked == null ? ask(count) : asked, before));
    return entries.stream().map(each -> StreamEntry.of(each, 1)).toList();
  }

  // In one transaction, so that nothing can be trimmed away unseen in between.
  private Reading ask(int count) {
    RedisAsyncCommands<String, String> async = connection.async();
    Map<String, String> fresh = new LinkedHashMap<>();
    Map<String, RedisFuture<List<Object>>> infos = new LinkedHashMap<>();
    Map<String, RedisFuture<List<Object>>> groups = new LinkedHashMap<>();
    RedisFuture<String> begin = async.multi();
    for (String stream : streams.keySet()) {
      fresh.put(stream, NEW);
      infos.put(stream, async.xinfoStream(stream));
      groups.put(stream, async.xinfoGroups(stream));
    }
    RedisFuture<List<StreamMessage<String, String>>> entries =
        async.xreadgroup(consumer, XReadArgs.Builder.count(count), offsets(fresh));
    return new Reading(infos, groups, entries, begin, async.exec());
  }

  private List<StreamMessage<String, String>> answer(
      Reading asked, BiConsumer<String, StreamState> before) {
    await(asked);
    Map<String, StreamState> states = new LinkedHashMap<>();
    asked.infos.forEach(
        (stream, info) ->
            states.put(
                stream,
                required(
                    stream,
                    StreamState.of(
                        answer(info), answer(asked.groups.get(stream)), consumer.getGroup()))));
    streams.putAll(states);
    List<StreamMessage<String, String>> entries = answer(asked.entries);
    states.forEach(before);
    return entries;
  }

  private static void await(Reading asked) {
    if (!LettuceFutures.awaitAll(
        RedisLink.TIMEOUT.toNanos(), TimeUnit.NANOSECONDS, asked.replies())) {
      throw new RedisCommandTimeoutException(
          "no answer after " + RedisLink.TIMEOUT.toSeconds() + " s");
    }
  }

  private static <T> T answer(@Nullable RedisFuture<T> reply) {
    if (reply == null) {
      throw new IllegalStateException("nothing was asked");
    }
    return RedisLink.join(reply);
  }

  /**
   * Waits until some stream has an entry that the group was not given when new entries were last
   * read, also if another consumer took it since.
   *
   * @param atMost how long to wait at most
   */
  void awaitNews(Duration atMost) {
    Map<String, String> positions = new LinkedHashMap<>();
    streams.forEach(
        (stream, state) ->
            positions.put(stream, state == null ? BEGINNING : state.delivered().toString()));
    XReadArgs how = XReadArgs.Builder.count(1).block(Math.max(1, atMost.toMillis()));
    link.call(() -> redis.xread(how, offsets(positions)));
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static StreamOffset<String>[] offsets(Map<String, String> positions) {
    return positions.entrySet().stream()
        .map(position -> StreamOffset.from(position.getKey(), position.getValue()))
        .toArray(StreamOffset[]::new);
  }

  void acknowledge(Collection<StreamEntry> entries) {
    byStream(entries)
        .forEach((stream, ids) -> link.call(() -> redis.xack(stream, consumer.getGroup(), ids)));
  }

  /** Tells Redis that this consumer still works on entries, so that no other one claims them. */
  void keep(Collection<StreamEntry> entries) {
    XClaimArgs justKeep = XClaimArgs.Builder.justid().minIdleTime(0);
    byStream(entries)
        .forEach((stream, ids) -> link.call(() -> redis.xclaim(stream, consumer, justKeep, ids)));
  }

  private static Map<String, String[]> byStream(Collection<StreamEntry> entries) {
    Map<String, List<String>> ids = new LinkedHashMap<>();
    for (StreamEntry entry : entries) {
      ids.computeIfAbsent(entry.stream(), stream -> new ArrayList<>()).add(entry.id());
    }
    Map<String, String[]> arrays = new LinkedHashMap<>();
    ids.forEach((stream, of) -> arrays.put(stream, of.toArray(String[]::new)));
    return arrays;
  }

  /**
   * The group's state over all streams.
   *
   * @param pending entries delivered to a consumer and not acknowledged
   * @param oldestPendingMillis when the oldest of them was added, null if there is none
   * @param lag entries not delivered yet, null if Redis cannot tell
   */
  public record Backlog(long pending, @Nullable Long oldestPendingMillis, @Nullable Long lag) {}

  /** Asks for the group's state. */
  Backlog backlog() {
    return link.call(
        () -> {
          long waiting = 0;
          Long oldest = null;
          Long lag = 0L;
          for (String stream : streams.keySet()) {
            PendingMessages summary = redis.xpending(stream, consumer.getGroup());
            waiting += summary.getCount();
            String first = summary.getMessageIds().getLower().getValue();
            if (summary.getCount() > 0 && first != null) {
              long added = EntryId.parse(first).millis();
              oldest = oldest == null ? added : Math.min(oldest, added);
            }
            Long more = state(stream).lag();
            lag = lag == null || more == null ? null : Long.valueOf(lag + more);
          }
          return new Backlog(waiting, oldest, lag);
        });
  }

  /** Takes the consumer's name out of the group where nothing is pending for it. */
  void leave() {
    for (String stream : streams.keySet()) {
      link.call(
          () -> {
            boolean nothing =
                redis.xpending(stream, consumer, Range.unbounded(), Limit.from(1)).isEmpty();
            return nothing ? redis.xgroupDelconsumer(stream, consumer) : null;
          });
    }
  }

  @Override
  public void close() {
    RedisLink.close(connection);
  }
}
