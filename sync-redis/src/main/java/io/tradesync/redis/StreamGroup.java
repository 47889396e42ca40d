package io.tradesync.redis;

import io.lettuce.core.Consumer;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.models.stream.PendingMessages;
import io.tradesync.InvalidSettingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A consumer group's streams as one consumer sees them, over one connection. When the connection is
 * lost this is of no use any more: what was delivered and not received is then pending, and a new
 * one reads it. Used by one thread.
 */
final class StreamGroup implements AutoCloseable {

  /** Before a stream's first entry. */
  static final String BEGINNING = "0";

  private static final String PENDING = "0";
  private static final String NEW = ">";

  private final RedisLink link;
  private final StatefulRedisConnection<String, String> connection;
  private final RedisCommands<String, String> redis;
  private final Consumer<String> consumer;
  private final Map<String, String> positions = new LinkedHashMap<>();

  private StreamGroup(
      RedisLink link,
      StatefulRedisConnection<String, String> connection,
      List<String> streams,
      Consumer<String> consumer) {
    this.link = link;
    this.connection = connection;
    this.redis = connection.sync();
    this.consumer = consumer;
    streams.forEach(stream -> positions.put(stream, PENDING));
  }

  /**
   * Connects.
   *
   * @param link where Redis is
   * @param streams the streams' keys
   * @param consumer the group and the name in it
   * @param blocking how long a read may wait
   */
  static StreamGroup open(
      RedisLink link, List<String> streams, Consumer<String> consumer, Duration blocking) {
    return link.call(() -> new StreamGroup(link, link.connect(blocking), streams, consumer));
  }

  /**
   * Makes the group on each stream that lacks it, and the streams that are not there.
   *
   * @param start the entry after which a new group begins
   * @return how many groups were made
   * @throws InvalidSettingException if a key holds something else than a stream; names it
   */
  int ensure(String start) {
    int made = 0;
    for (String stream : positions.keySet()) {
      made += ensure(stream, start) ? 1 : 0;
    }
    return made;
  }

  private boolean ensure(String stream, String start) {
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

  static InvalidSettingException notAStream(String stream) {
    return new InvalidSettingException(
        "stream",
        stream,
        "must be the key of a Redis stream, and Redis keeps something else there (name another key,"
            + " or move that away)");
  }

  /**
   * Reads this consumer's pending entries first, from the oldest on, then new ones.
   *
   * @param count how many entries of each stream at most
   * @param block how long to wait where there are neither
   * @return the entries; those that are gone from the stream have no fields
   */
  List<StreamMessage<String, String>> read(int count, Duration block) {
    XReadArgs how = XReadArgs.Builder.count(count).block(Math.max(1, block.toMillis()));
    List<StreamMessage<String, String>> entries =
        link.call(() -> redis.xreadgroup(consumer, how, offsets()));
    advance(entries);
    return entries;
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private StreamOffset<String>[] offsets() {
    return positions.entrySet().stream()
        .map(position -> StreamOffset.from(position.getKey(), position.getValue()))
        .toArray(StreamOffset[]::new);
  }

  /** Past what was read; a stream without an entry of this consumer's own goes on to new ones. */
  private void advance(List<StreamMessage<String, String>> entries) {
    Map<String, String> last = new LinkedHashMap<>();
    entries.forEach(entry -> last.put(entry.getStream(), entry.getId()));
    positions.replaceAll(
        (stream, position) -> position.equals(NEW) ? NEW : last.getOrDefault(stream, NEW));
  }

  void acknowledge(Collection<StreamMessage<String, String>> entries) {
    Map<String, List<String>> ids = new LinkedHashMap<>();
    for (StreamMessage<String, String> entry : entries) {
      ids.computeIfAbsent(entry.getStream(), stream -> new ArrayList<>()).add(entry.getId());
    }
    ids.forEach(
        (stream, of) ->
            link.call(() -> redis.xack(stream, consumer.getGroup(), of.toArray(String[]::new))));
  }

  /**
   * The group's state over all streams.
   *
   * @param pending entries delivered to a consumer and not acknowledged
   * @param oldestPendingMillis when the oldest of them was added, null if there is none
   * @param lag entries not delivered yet, null if Redis cannot tell
   */
  record Backlog(long pending, @Nullable Long oldestPendingMillis, @Nullable Long lag) {}

  /** Asks for the group's state; null if this user may not ask. */
  @Nullable Backlog backlog() {
    return link.call(
        () -> {
          try {
            return askBacklog();
          } catch (RedisCommandExecutionException e) {
            return null;
          }
        });
  }

  private Backlog askBacklog() {
    long pending = 0;
    Long oldest = null;
    Long lag = 0L;
    for (String stream : positions.keySet()) {
      PendingMessages summary = redis.xpending(stream, consumer.getGroup());
      pending += summary.getCount();
      String first = summary.getMessageIds().getLower().getValue();
      if (summary.getCount() > 0 && first != null) {
        long added = Long.parseLong(first.split("-", 2)[0]);
        oldest = oldest == null ? added : Math.min(oldest, added);
      }
      Long more = lag(stream);
      lag = lag == null || more == null ? null : Long.valueOf(lag + more);
    }
    return new Backlog(pending, oldest, lag);
  }

  private @Nullable Long lag(String stream) {
    for (Object group : redis.xinfoGroups(stream)) {
      if (group instanceof List<?> pairs && consumer.getGroup().equals(valueOf("name", pairs))) {
        return valueOf("lag", pairs) instanceof Long lag ? lag : null;
      }
    }
    return null;
  }

  private static @Nullable Object valueOf(String name, List<?> pairs) {
    int at = pairs.indexOf(name);
    return at < 0 || at + 1 >= pairs.size() ? null : pairs.get(at + 1);
  }

  /** Takes the consumer's name out of the group where nothing is pending for it. */
  void leave() {
    for (String stream : positions.keySet()) {
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
    connection.close();
  }
}
