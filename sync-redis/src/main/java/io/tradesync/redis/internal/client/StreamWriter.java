package io.tradesync.redis.internal.client;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.tradesync.InvalidSettingException;
import io.tradesync.TradesyncException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Adds entries to a stream. Connects when it is first used, and again after the connection was
 * lost. Thread-safe; the entries of one call keep their order.
 */
public final class StreamWriter implements AutoCloseable {

  private static final int ENTRIES_A_FLUSH = 1_000;

  private final RedisLink link;
  private final String stream;
  private final Trimming trimming;
  private @Nullable StatefulRedisConnection<String, String> connection;
  private boolean closed;

  /** Writes through a link, which stays open. */
  public StreamWriter(RedisLink link, String stream, Trimming trimming) {
    this.link = link;
    this.stream = stream;
    this.trimming = trimming;
  }

  /**
   * Adds entries, many in one round trip. Returns when Redis has all of them.
   *
   * @return the entries' ids, in the same order
   * @throws InvalidSettingException if the key holds something else than a stream, or Redis refuses
   *     the user or the password
   * @throws TradesyncException if Redis cannot be reached or does not answer in time: any of the
   *     entries may have been added
   * @throws IllegalStateException if this is closed
   */
  public List<String> add(List<Map<String, String>> bodies) {
    List<String> ids = new ArrayList<>(bodies.size());
    for (int from = 0; from < bodies.size(); from += ENTRIES_A_FLUSH) {
      ids.addAll(send(bodies.subList(from, Math.min(bodies.size(), from + ENTRIES_A_FLUSH))));
    }
    return List.copyOf(ids);
  }

  /** Fails if Redis does not answer. */
  public synchronized void probe() {
    checkOpen();
    link.call(
        () -> {
          StatefulRedisConnection<String, String> open = connection();
          RedisFuture<String> answer = open.async().ping();
          open.flushCommands();
          return await(List.of(answer));
        });
  }

  // A flush sends everything of its connection, so only one call may add entries at a time.
  private synchronized List<String> send(List<Map<String, String>> bodies) {
    checkOpen();
    return link.call(
        () -> {
          StatefulRedisConnection<String, String> open = connection();
          try {
            return await(add(open, bodies));
          } catch (RuntimeException e) {
            RedisLink.close(open);
            connection = null;
            throw RedisErrors.code(e).equals("WRONGTYPE") ? RedisErrors.notAStream(stream) : e;
          }
        });
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the writer of stream " + stream + " is closed");
    }
  }

  private StatefulRedisConnection<String, String> connection() {
    StatefulRedisConnection<String, String> open = connection;
    if (open == null || !open.isOpen()) {
      open = link.connectTo(stream, Duration.ZERO);
      open.setAutoFlushCommands(false);
      connection = open;
    }
    return open;
  }

  private List<RedisFuture<String>> add(
      StatefulRedisConnection<String, String> open, List<Map<String, String>> bodies) {
    RedisAsyncCommands<String, String> redis = open.async();
    XAddArgs how = trimming.args();
    List<RedisFuture<String>> replies = new ArrayList<>(bodies.size());
    bodies.forEach(body -> replies.add(redis.xadd(stream, how, body)));
    open.flushCommands();
    return replies;
  }

  private static List<String> await(List<RedisFuture<String>> replies) {
    RedisFuture<?>[] all = replies.toArray(RedisFuture<?>[]::new);
    if (!LettuceFutures.awaitAll(RedisLink.TIMEOUT.toNanos(), TimeUnit.NANOSECONDS, all)) {
      throw new RedisCommandTimeoutException(
          "no answer after " + RedisLink.TIMEOUT.toSeconds() + " s");
    }
    return replies.stream().map(RedisLink::join).toList();
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (connection != null) {
      RedisLink.close(connection);
      connection = null;
    }
  }
}
