package io.tradesync.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.tradesync.InvalidSettingException;
import io.tradesync.Trade;
import io.tradesync.TradesyncException;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.client.SettingChecks;
import io.tradesync.redis.internal.client.StreamWriter;
import io.tradesync.redis.internal.client.Trimming;
import io.tradesync.redis.internal.format.TradeFields;
import java.time.Duration;
import java.util.List;
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
 * <p>The URI may name any node of a cluster. Thread-safe; the entries of one call stand in the
 * order of its list. Connects when it is first used, and again after the connection was lost.
 */
public final class TradePublisher implements AutoCloseable {

  private final RedisLink link;
  private final StreamWriter writer;

  private TradePublisher(Builder builder) {
    this.link = new RedisLink(builder.uri, builder.client);
    this.writer =
        new StreamWriter(
            link,
            SettingChecks.text("stream", builder.stream),
            new Trimming(builder.maxLength, builder.maxAge));
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
    return writer.add(trades.stream().map(TradeFields::write).toList());
  }

  /** Closes the connection. A client that was given stays open. Can be called twice. */
  @Override
  public void close() {
    writer.close();
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
    private @Nullable Duration maxAge;

    private Builder(RedisURI uri) {
      this.uri = SettingChecks.required("redisUri", uri);
    }

    /**
     * Sets a client of the caller's own, whose threads and options are then used; it is never
     * closed here. Without it the publisher makes one and closes it.
     *
     * @param value the client
     * @return this builder
     */
    public Builder client(RedisClient value) {
      this.client = SettingChecks.required("client", value);
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
      this.stream = SettingChecks.text("stream", key);
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
      this.maxLength = new Trimming(entries, null).maxLength();
      return this;
    }

    /**
     * Sets how long the stream keeps entries at least, by this machine's clock; older ones are
     * removed, some later than they could be, whether they were consumed or not. By default none is
     * removed. Needs Redis 6.2 or newer.
     *
     * @param value at least 1 ms
     * @return this builder
     * @throws InvalidSettingException if the value is below 1 ms
     */
    public Builder maxAge(Duration value) {
      this.maxAge = new Trimming(null, value).maxAge();
      return this;
    }

    /**
     * Makes the publisher; connects to nothing yet.
     *
     * @return a new publisher
     * @throws InvalidSettingException if both a length and an age were set
     */
    public TradePublisher build() {
      return new TradePublisher(this);
    }
  }
}
