package io.tradesync.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.tradesync.InvalidSettingException;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.client.SettingChecks;
import io.tradesync.redis.internal.client.StreamWriter;
import io.tradesync.redis.internal.client.Trimming;
import io.tradesync.redis.internal.format.TradeFields;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what an engine processes to a stream, for consumers downstream.
 *
 * <pre>{@code
 * SyncEngine engine =
 *     SyncEngine.builder()
 *         .source(source).log(log)
 *         .sink(RedisStreamSink.builder(RedisURI.create("redis://localhost")).stream("processed").build())
 *         .build();
 * }</pre>
 *
 * <p>One entry a change. Its field {@code op} is {@code insert}, {@code replace} or {@code
 * retract}. The first two carry the trade as {@link TradePublisher} writes it, a replacement whose
 * trade stood at another key also {@code old_id} and {@code old_timestamp}; a retraction carries
 * {@code id} and {@code timestamp} alone. All carry {@code service} and {@code key}.
 *
 * <p><b>Each change is published at least once.</b> When {@code write} returns, Redis has all
 * entries of the batch; how durable that is, is up to its settings. When it throws, any of them may
 * have been published, and all are published again; so they are after a crash before the log was
 * committed, perhaps in other batches. The same change has the same {@code key} each time, and the
 * entries of one trade stand in the order of its changes: an entry whose key equals that of the
 * last entry of its trade ({@code id} and {@code timestamp}) is a duplicate. An entry with {@code
 * old_id} is also the last one of the trade that stood there. A key can come again later, where a
 * trade takes on again what it was before, or moves back to where it was; so whoever remembers more
 * keys than the last one of each trade would drop changes.
 *
 * <p>The URI may name any node of a cluster. Thread-safe. Connects when it is first used, and again
 * after the connection was lost. A side that is gone is told as such, so the engine tries again.
 */
public final class RedisStreamSink implements AnalyticsSink, AutoCloseable {

  private static final String OP = "op";
  private static final String KEY = "key";
  private static final String SERVICE = "service";
  private static final String OLD_ID = "old_id";
  private static final String OLD_TIMESTAMP = "old_timestamp";

  private final RedisLink link;
  private final StreamWriter writer;

  private RedisStreamSink(Builder builder) {
    this.link = new RedisLink(builder.uri, builder.client);
    this.writer =
        new StreamWriter(link, builder.stream, new Trimming(builder.maxLength, builder.maxAge));
  }

  /**
   * Starts a sink's settings.
   *
   * @param uri where Redis is, with whatever it takes to get in; not to be changed afterwards.
   *     Nothing of it but hosts, ports and the database is ever logged
   * @return a builder
   */
  public static Builder builder(RedisURI uri) {
    return new Builder(uri);
  }

  /**
   * Publishes changes of every kind.
   *
   * @return all capabilities
   */
  @Override
  public Set<SinkCapability> capabilities() {
    return EnumSet.allOf(SinkCapability.class);
  }

  /**
   * Publishes the changes of a batch, an entry each. Returns when Redis has all of them.
   *
   * @param batch the batch
   * @throws InvalidSettingException if a trade has no form in a stream, the key holds something
   *     else than a stream, or Redis refuses the user or the password
   * @throws SideUnavailableException if Redis cannot be reached or does not answer in time
   * @throws IllegalStateException if this sink is closed
   */
  @Override
  public void write(TradeBatch batch) {
    List<Map<String, String>> bodies =
        batch.changes().stream().map(change -> body(batch, change)).toList();
    try {
      writer.add(bodies);
    } catch (TradesyncException e) {
      throw told(e);
    }
  }

  /**
   * Tells whether Redis answers.
   *
   * @throws SideUnavailableException if Redis cannot be reached
   */
  @Override
  public void probe() {
    try {
      writer.probe();
    } catch (TradesyncException e) {
      throw told(e);
    }
  }

  private static TradesyncException told(TradesyncException failure) {
    return failure instanceof InvalidSettingException
        ? failure
        : SideUnavailableException.unreachable(
            Side.SINK, String.valueOf(failure.getMessage()), failure);
  }

  private static Map<String, String> body(TradeBatch batch, TradeChange change) {
    Map<String, String> body = new LinkedHashMap<>();
    body.put(SERVICE, batch.service());
    if (change instanceof TradeChange.Insert insert) {
      body.put(OP, "insert");
      putTrade(body, insert.trade());
    } else if (change instanceof TradeChange.Replace replace) {
      body.put(OP, "replace");
      putTrade(body, replace.trade());
      if (!replace.oldKey().equals(replace.key())) {
        body.put(OLD_ID, replace.oldKey().id());
        body.put(OLD_TIMESTAMP, Long.toString(replace.oldKey().epochSecond()));
      }
    } else {
      body.put(OP, "retract");
      body.put("id", change.key().id());
      body.put("timestamp", Long.toString(change.key().epochSecond()));
    }
    body.put(KEY, key(batch, change));
    return body;
  }

  private static void putTrade(Map<String, String> body, Trade trade) {
    TradeFields.write(trade)
        .forEach(
            (field, value) -> {
              if (Set.of(OP, KEY, SERVICE, OLD_ID, OLD_TIMESTAMP).contains(field)) {
                throw new InvalidSettingException(
                    "extraColumns", field, "must be no field that an entry has of its own");
              }
              body.put(field, value);
            });
  }

  // Of a forced batch the same content is meant to be written again, and the batch's key says by
  // which run.
  private static String key(TradeBatch batch, TradeChange change) {
    TradeKey key = change.key();
    String content =
        change instanceof TradeChange.Insert insert
            ? fingerprint(insert.trade())
            : change instanceof TradeChange.Replace replace
                ? fingerprint(replace.trade())
                : "retracted";
    return key.epochSecond()
        + ":"
        + key.id()
        + ":"
        + content
        + (batch.forced() ? ":" + batch.idempotencyKey() : "");
  }

  private static String fingerprint(Trade trade) {
    return "%016x".formatted(trade.fingerprint());
  }

  /** Closes the connection. A client that was given stays open. Can be called twice. */
  @Override
  public void close() {
    writer.close();
    link.close();
  }

  /**
   * Collects a sink's settings. Not thread-safe; what is built does not change with it, so it can
   * be used again.
   */
  public static final class Builder {

    /** The stream's key, unless set. */
    public static final String DEFAULT_STREAM = "processed-trades";

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
     * closed here. Without it the sink makes one and closes it.
     *
     * @param value the client
     * @return this builder
     */
    public Builder client(RedisClient value) {
      this.client = SettingChecks.required("client", value);
      return this;
    }

    /**
     * Sets the stream. It must not be one that the same engine reads from.
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
     * Makes the sink; connects to nothing yet.
     *
     * @return a new sink
     * @throws InvalidSettingException if both a length and an age were set
     */
    public RedisStreamSink build() {
      return new RedisStreamSink(this);
    }
  }
}
