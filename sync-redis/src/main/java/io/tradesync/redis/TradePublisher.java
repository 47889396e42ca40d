package io.tradesync.redis;

import io.lettuce.core.RedisURI;
import io.tradesync.InvalidSettingException;
import io.tradesync.Trade;
import io.tradesync.TradesyncException;
import io.tradesync.redis.internal.client.RedisLink;
import io.tradesync.redis.internal.client.StreamWriter;
import io.tradesync.redis.internal.format.TradeFields;
import java.util.List;

/**
 * Publishes trades to a Redis stream, in the format that {@link EntryDecoder#trades} reads. The
 * attributes of a trade become fields of their own names. What belongs to its pool (symbol,
 * decimals) is not published.
 *
 * <pre>{@code
 * try (TradePublisher publisher =
 *     TradePublisher.builder(RedisURI.create("redis://localhost")).stream("trades").build()) {
 *   publisher.publish(trade);
 * }
 * }</pre>
 *
 * <p>The URI may name any node of a cluster. Thread-safe; the entries of one call keep the order of
 * its list. Connects when it is first used, and again after the connection was lost.
 */
public final class TradePublisher implements AutoCloseable {

  private final RedisLink link;
  private final StreamWriter writer;

  private TradePublisher(Builder builder) {
    this.link = builder.link();
    this.writer = new StreamWriter(link, builder.stream(), builder.trimming());
  }

  /**
   * Starts the settings of a publisher.
   *
   * @param uri names Redis and holds what is needed to connect; do not change it afterwards. Only
   *     hosts, ports and the database are ever logged
   */
  public static Builder builder(RedisURI uri) {
    return new Builder(uri);
  }

  /**
   * Publishes a trade, and returns the entry's id when Redis has it.
   *
   * @throws TradesyncException as {@link #publish(List)}
   */
  public String publish(Trade trade) {
    return publish(List.of(trade)).get(0);
  }

  /**
   * Publishes trades, many in one round trip. Returns the entries' ids, in the order of the trades,
   * when Redis has all of them.
   *
   * @throws InvalidSettingException if a trade has no form in a stream (nothing is published then),
   *     the key holds something else than a stream, or Redis refuses the user or the password
   * @throws TradesyncException if Redis cannot be reached or does not answer in time: any of the
   *     trades may have been published. It does no harm to publish all of them again, because
   *     consumers discard trades that are known
   * @throws IllegalStateException if this publisher is closed
   */
  public List<String> publish(List<Trade> trades) {
    return writer.add(trades.stream().map(TradeFields::write).toList());
  }

  /** Closes the connection. A client that was given stays open. May be called again. */
  @Override
  public void close() {
    writer.close();
    link.close();
  }

  /**
   * Collects the settings of a publisher. Not thread-safe; may be used again, since a publisher
   * does not change with its builder.
   */
  public static final class Builder extends StreamWriterBuilder<Builder> {

    /** The default key of the stream. */
    public static final String DEFAULT_STREAM = "trades";

    private Builder(RedisURI uri) {
      super(uri, DEFAULT_STREAM);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Creates the publisher, which connects later.
     *
     * @throws InvalidSettingException if both a length and an age were set
     */
    public TradePublisher build() {
      return new TradePublisher(this);
    }
  }
}
