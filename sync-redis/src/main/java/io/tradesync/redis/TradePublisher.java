package io.tradesync.redis;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.tradesync.InvalidSettingException;
import io.tradesync.Trade;
import io.tradesync.TradesyncException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes trades to a Redis stream, in the format that {@link EntryDecoder#trades} reads. A trade's
 * attributes become fields of their own names; what belongs to its pool (symbol, decimals) is left
 * out.
 *
 * <pre>{@code
 * try (TradePublisher publisher =
 *     TradePublisher.builder(RedisURI.create("redis://localhost")).stream("trades").build()) {
 *   publisher.publish(trade);
 * }
 * }</pre>
 *
 * <p>Thread-safe; the entries of one call stand in the order of its list. Connects when it is first
 * used, and again after the connection was lost.
 */
public final class TradePublisher implements AutoCloseable {

  private static final int ENTRIES_A_FLUSH = 1_000;

  private final RedisLink link;
  private final String stream;
  private final XAddArgs how;
  private @Nullable StatefulRedisConnection<String, String> connection;
  private boolean closed;

  private TradePublisher(Builder builder) {
    this.link = new RedisLink(builder.uri, builder.client);
    this.stream = Settings.text("stream", builder.stream);
    this.how = new XAddArgs();
    if (builder.maxLength != null) {
      how.maxlen(builder.maxLength).approximateTrimming();
    }
  }

  /**
   * Starts a publisher's settings.
   *
   * @param uri where Redis is, with whatever it takes to get in; not to be changed afterwards.
   *     Nothing of it but hosts, ports and the database is ever logged
   * @return a builder
   */
  public static Builder builder(RedisURI uri) {
    return new Builder(uri);
  }

  /**
   * Publishes a trade. Returns when Redis has it.
   *
   * @param trade the trade
   * @return the entry's id in the stream
   * @throws TradesyncException as {@link #publish(List)}
   */
  public String publish(Trade trade) {
    return publish(List.of(trade)).get(0);
  }

  /**
   * Publishes trades, many in one round trip. Returns when Redis has all of them.
   *
   * @param trades the trades
   * @return the entries' ids in the stream, in the order of the trades
   * @throws InvalidSettingException if a trade has no form in a stream (nothing is published then),
   *     the key holds something else than a stream, or Redis refuses the user or the password
   * @throws TradesyncException if Redis cannot be reached or does not answer in time: any of the
   *     trades may have been published; to publish all of them again does no harm, since consumers
   *     discard what they know
   * @throws IllegalStateException if this publisher is closed
   */
  public List<String> publish(List<Trade> trades) {
    List<Map<String, String>> bodies = trades.stream().map(TradeFields::write).toList();
    List<String> ids = new ArrayList<>(bodies.size());
    for (int from = 0; from < bodies.size(); from += ENTRIES_A_FLUSH) {
      ids.addAll(send(bodies.subList(from, Math.min(bodies.size(), from + ENTRIES_A_FLUSH))));
    }
    return List.copyOf(ids);
  }

  // The lock also keeps others' entries out of a flush, which belongs to the whole connection.
  private synchronized List<String> send(List<Map<String, String>> bodies) {
    if (closed) {
      throw new IllegalStateException("this publisher is closed");
    }
    return link.call(
        () -> {
          StatefulRedisConnection<String, String> open = connection();
          try {
            return await(add(open, bodies));
          } catch (RuntimeException e) {
            open.close();
            connection = null;
            throw RedisLink.errorCode(e).equals("WRONGTYPE") ? StreamGroup.notAStream(stream) : e;
          }
        });
  }

  private StatefulRedisConnection<String, String> connection() {
    StatefulRedisConnection<String, String> open = connection;
    if (open == null || !open.isOpen()) {
      open = link.connect(Duration.ZERO);
      open.setAutoFlushCommands(false);
      connection = open;
    }
    return open;
  }

  private List<RedisFuture<String>> add(
      StatefulRedisConnection<String, String> open, List<Map<String, String>> bodies) {
    RedisAsyncCommands<String, String> redis = open.async();
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
    return replies.stream().map(reply -> reply.toCompletableFuture().join()).toList();
  }

  /** Closes the connection. A client that was given stays open. Can be called twice. */
  @Override
  public synchronized void close() {
    closed = true;
    if (connection != null) {
      connection.close();
      connection = null;
    }
    link.close();
  }

  /**
   * Collects a publisher's settings. Not thread-safe; what is built does not change with it, so it
   * can be used again.
   */
  public static final class Builder {

    /** The stream's key, unless set. */
    public static final String DEFAULT_STREAM = "trades";

    private final RedisURI uri;
    private @Nullable RedisClient client;
    private String stream = DEFAULT_STREAM;
    private @Nullable Long maxLength;

    private Builder(RedisURI uri) {
      this.uri = Settings.required("redisUri", uri);
    }

    /**
     * Sets a client of the caller's own, whose threads and options are then used; it is never
     * closed here. Without it the publisher makes one and closes it.
     *
     * @param value the client
     * @return this builder
     */
    public Builder client(RedisClient value) {
      this.client = Settings.required("client", value);
      return this;
    }

    /**
     * Sets the stream.
     *
     * @param key the stream's key; {@link #DEFAULT_STREAM} by default
     * @return this builder
     * @throws InvalidSettingException if the value is empty
     */
    public Builder stream(String key) {
      this.stream = Settings.text("stream", key);
      return this;
    }

    /**
     * Sets how many entries the stream keeps at least; older ones are removed, some later than they
     * could be, whether they were consumed or not. By default none is removed.
     *
     * @param entries at least 1
     * @return this builder
     * @throws InvalidSettingException if the value is below 1
     */
    public Builder maxLength(long entries) {
      if (entries < 1) {
        throw new InvalidSettingException("maxLength", entries, "must be at least 1");
      }
      this.maxLength = entries;
      return this;
    }

    /**
     * Makes the publisher; connects to nothing yet.
     *
     * @return a new publisher
     */
    public TradePublisher build() {
      return new TradePublisher(this);
    }
  }
}
