package io.tradesync.redis;

import io.lettuce.core.RedisURI;
import io.tradesync.InvalidSettingException;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.client.StreamWriter;
import io.tradesync.redis.internal.format.TradeFields;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.BadTradesException;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Publishes the changes that an engine processes to a stream, for other consumers.
 *
 * <pre>{@code
 * SyncEngine engine =
 *     SyncEngine.builder()
 *         .source(source).log(log)
 *         .sink(RedisStreamSink.builder(RedisURI.create("redis://localhost")).stream("processed").build())
 *         .build();
 * }</pre>
 *
 * <p>Each change is one entry. Its field {@code op} is {@code insert}, {@code replace} or {@code
 * retract}. An insert or replacement carries the trade as {@link TradePublisher} writes it; a
 * replacement whose trade had another key before also carries {@code old_id} and {@code
 * old_timestamp}. A retraction carries only {@code id} and {@code timestamp}. All entries carry
 * {@code service}, {@code revision} and {@code key}.
 *
 * <p><b>Each change is published at least once.</b> When {@code write} returns, Redis has all
 * entries of the batch; the settings of Redis decide how durable they are. When {@code write}
 * throws, any of the entries may have been published, and all of them are published again. The same
 * happens after a crash before the log was committed, perhaps in other batches. A consumer is exact
 * by one rule: for an {@code id}, it applies only an entry with a greater {@code revision} than it
 * applied last, and it keeps the revision of a retraction as well. See {@link
 * TradeChange#revision()}. The log must keep its revisions, as {@code PostgresSyncLog} does.
 *
 * <p>The field {@code key} names the trade's key and content, in a forced batch also the batch's
 * {@linkplain TradeBatch#idempotencyKey() idempotency key}, which is made of the ids and revisions
 * of its changes. It recognises an exact repeat only: a forced change that comes again in another
 * batch has another key, and a trade that becomes again what it was has a key that it had before.
 *
 * <p>The URI may name any node of a cluster. Thread-safe. Connects when it is first used, and again
 * after the connection was lost. When Redis is unavailable, the sink reports its side as
 * unavailable, so that the engine tries again.
 */
public final class RedisStreamSink implements AnalyticsSink, AutoCloseable {

  private static final String OP = "op";
  private static final String KEY = "key";
  private static final String SERVICE = "service";
  private static final String REVISION = "revision";
  private static final String OLD_ID = "old_id";
  private static final String OLD_TIMESTAMP = "old_timestamp";

  private static final Set<String> RESERVED =
      Set.of(OP, KEY, SERVICE, REVISION, OLD_ID, OLD_TIMESTAMP);

  private final RedisLink link;
  private final StreamWriter writer;

  private RedisStreamSink(Builder builder) {
    this.link = builder.link();
    this.writer = new StreamWriter(link, builder.stream(), builder.trimming());
  }

  /**
   * Starts the settings of a sink.
   *
   * @param uri names Redis and holds what is needed to connect; do not change it afterwards. Only
   *     hosts, ports and the database are ever logged
   */
  public static Builder builder(RedisURI uri) {
    return new Builder(uri);
  }

  @Override
  public Set<SinkCapability> capabilities() {
    return EnumSet.allOf(SinkCapability.class);
  }

  /**
   * Publishes the changes of a batch, one entry for each. Returns when Redis has all of them.
   *
   * @throws BadTradesException if trades have no form in a stream
   * @throws InvalidSettingException if an extra column has the name of a field that every entry
   *     has, the key holds something else than a stream, or Redis refuses the user or the password
   * @throws SideUnavailableException if Redis cannot be reached or does not answer in time
   * @throws IllegalStateException if this sink is closed
   */
  @Override
  public void write(TradeBatch batch) {
    List<Map<String, String>> bodies = bodies(batch);
    try {
      writer.add(bodies);
    } catch (TradesyncException e) {
      throw sinkFailure(e);
    }
  }

  private static List<Map<String, String>> bodies(TradeBatch batch) {
    List<Map<String, String>> bodies = new ArrayList<>();
    Map<TradeKey, String> bad = new HashMap<>();
    for (TradeChange change : batch.changes()) {
      try {
        bodies.add(body(batch, change));
      } catch (InvalidSettingException e) {
        if (e.name().equals(TradeFields.EXTRA_COLUMNS)) {
          throw e;
        }
        bad.put(change.key(), String.valueOf(e.getMessage()));
      }
    }
    if (!bad.isEmpty()) {
      throw new BadTradesException(bad);
    }
    return bodies;
  }

  /**
   * Fails if Redis does not answer.
   *
   * @throws SideUnavailableException if Redis cannot be reached
   */
  @Override
  public void probe() {
    try {
      writer.probe();
    } catch (TradesyncException e) {
      throw sinkFailure(e);
    }
  }

  private static TradesyncException sinkFailure(TradesyncException failure) {
    return failure instanceof InvalidSettingException
        ? failure
        : SideUnavailableException.unreachable(
            Side.SINK, String.valueOf(failure.getMessage()), failure);
  }

  private static Map<String, String> body(TradeBatch batch, TradeChange change) {
    Map<String, String> body = new LinkedHashMap<>();
    body.put(SERVICE, batch.service());
    body.put(REVISION, Long.toString(change.revision()));
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
              if (RESERVED.contains(field)) {
                throw new InvalidSettingException(
                    TradeFields.EXTRA_COLUMNS,
                    field,
                    "must not be the name of a field that every entry has");
              }
              body.put(field, value);
            });
  }

  // A forced batch writes the same content again on purpose; its key names the batch.
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
    return HexFormat.of().toHexDigits(trade.fingerprint());
  }

  /** Closes the connection. A client that was given stays open. May be called again. */
  @Override
  public void close() {
    writer.close();
    link.close();
  }

  /**
   * Collects the settings of a sink. An engine must not read the stream that it publishes to. Not
   * thread-safe; may be used again, since a sink does not change with its builder.
   */
  public static final class Builder extends StreamWriterBuilder<Builder> {

    /** The default key of the stream. */
    public static final String DEFAULT_STREAM = "processed-trades";

    private Builder(RedisURI uri) {
      super(uri, DEFAULT_STREAM);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Creates the sink, which connects later.
     *
     * @throws InvalidSettingException if both a length and an age were set
     */
    public RedisStreamSink build() {
      return new RedisStreamSink(this);
    }
  }
}
