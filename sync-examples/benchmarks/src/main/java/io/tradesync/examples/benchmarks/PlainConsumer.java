package io.tradesync.examples.benchmarks;

import io.lettuce.core.Consumer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/**
 * The obvious consumer without a library: it reads one entry of a stream, writes the trade in a
 * transaction and acknowledges the entry. It also keeps a log, trades and candles.
 */
final class PlainConsumer implements AutoCloseable {

  private static final String TABLES =
      """
      CREATE TABLE plain_log (trade_id text PRIMARY KEY, status text);
      CREATE TABLE plain_trades (
        id text PRIMARY KEY, ts bigint, pool_id text, side text, price numeric, quantity numeric,
        volume numeric);
      CREATE TABLE plain_candles (
        pool_id text, bucket_seconds bigint, start bigint, open numeric, high numeric, low numeric,
        close numeric, volume numeric, quote_volume numeric, trades bigint,
        PRIMARY KEY (pool_id, bucket_seconds, start));
      """;

  private static final String CANDLES =
      """
      INSERT INTO plain_candles
      SELECT t.pool_id, b, t.ts / b * b, t.price, t.price, t.price, t.price, t.quantity, t.volume, 1
      FROM plain_trades t, unnest(ARRAY[60, 300, 900, 3600, 86400]::bigint[]) b WHERE t.id = ?
      ON CONFLICT (pool_id, bucket_seconds, start) DO UPDATE SET
        high = greatest(plain_candles.high, excluded.high),
        low = least(plain_candles.low, excluded.low),
        close = excluded.close,
        volume = plain_candles.volume + excluded.volume,
        quote_volume = plain_candles.quote_volume + excluded.quote_volume,
        trades = plain_candles.trades + 1
      """;

  private static final String GROUP = "plain";

  private final RedisClient client;
  private final StatefulRedisConnection<String, String> connection;
  private final DataSource store;
  private final String name;

  /**
   * Makes tables.
   *
   * @param redis where the stream is
   * @param store where the tables go
   * @param name of their schema, and of the stream
   */
  PlainConsumer(String redis, DataSource store, String name) throws SQLException {
    this.client = RedisClient.create(redis);
    this.connection = client.connect();
    this.store = store;
    this.name = name;
    RedisCommands<String, String> commands = connection.sync();
    commands.del(name);
    commands.xgroupCreate(StreamOffset.from(name, "0"), GROUP, XGroupCreateArgs.Builder.mkstream());
    try (Connection tables = connect();
        Statement statement = tables.createStatement()) {
      statement.execute(TABLES);
    }
  }

  /** Consumes some entries; returns how many a second. */
  double run(int count) throws SQLException {
    RedisCommands<String, String> redis = connection.sync();
    Consumer<String> consumer = Consumer.from(GROUP, "one");
    try (Connection writing = connect()) {
      writing.setAutoCommit(false);
      long began = System.nanoTime();
      for (int i = 0; i < count; i++) {
        List<StreamMessage<String, String>> read = read(redis, consumer);
        write(read.get(0).getBody(), writing);
        writing.commit();
        redis.xack(name, GROUP, read.get(0).getId());
      }
      double perSecond = count / ((System.nanoTime() - began) / 1e9);
      writing.setAutoCommit(true);
      return perSecond;
    }
  }

  @SuppressWarnings("unchecked")
  private List<StreamMessage<String, String>> read(
      RedisCommands<String, String> redis, Consumer<String> consumer) {
    return redis.xreadgroup(consumer, XReadArgs.Builder.count(1), StreamOffset.lastConsumed(name));
  }

  private static void write(Map<String, String> trade, Connection connection) throws SQLException {
    String id = trade.get("id");
    BigDecimal price = new BigDecimal(trade.get("price"));
    BigDecimal quantity = new BigDecimal(trade.get("quantity"));
    try (PreparedStatement insert =
            connection.prepareStatement("INSERT INTO plain_trades VALUES (?, ?, ?, ?, ?, ?, ?)");
        PreparedStatement candles = connection.prepareStatement(CANDLES);
        PreparedStatement log =
            connection.prepareStatement("INSERT INTO plain_log VALUES (?, 'processed')")) {
      insert.setString(1, id);
      insert.setLong(2, Long.parseLong(trade.get("timestamp")));
      insert.setString(3, trade.get("pool_id"));
      insert.setString(4, trade.get("side"));
      insert.setBigDecimal(5, price);
      insert.setBigDecimal(6, quantity);
      insert.setBigDecimal(7, price.multiply(quantity));
      insert.executeUpdate();
      candles.setString(1, id);
      candles.executeUpdate();
      log.setString(1, id);
      log.executeUpdate();
    }
  }

  private Connection connect() throws SQLException {
    Connection opened = store.getConnection();
    opened.setSchema(name);
    return opened;
  }

  /** Removes the stream. */
  @Override
  public void close() {
    connection.sync().del(name);
    connection.close();
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }
}
