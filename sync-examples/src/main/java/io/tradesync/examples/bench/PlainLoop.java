package io.tradesync.examples.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** What one writes without a library: read the missing trades, and write each in a transaction. */
final class PlainLoop {

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

  private final DataSource source;
  private final DataSource store;
  private final String schema;

  PlainLoop(DataSource source, DataSource store, String schema) throws SQLException {
    this.source = source;
    this.store = store;
    this.schema = schema;
    try (Connection connection = connect(store);
        Statement statement = connection.createStatement()) {
      statement.execute(TABLES);
    }
  }

  /** Processes some trades; returns how many a second. */
  double run(int skip, int count) throws SQLException {
    try (Connection reading = connect(source);
        Connection writing = connect(store);
        PreparedStatement select =
            reading.prepareStatement(
                "SELECT id, \"timestamp\", pool_id, side, price, quantity FROM order_book_trades"
                    + " ORDER BY \"timestamp\" OFFSET ? LIMIT ?")) {
      select.setInt(1, skip);
      select.setInt(2, count);
      long began = System.nanoTime();
      try (ResultSet trade = select.executeQuery()) {
        writing.setAutoCommit(false);
        while (trade.next()) {
          write(trade, writing);
          writing.commit();
        }
      }
      writing.setAutoCommit(true);
      return count / ((System.nanoTime() - began) / 1e9);
    }
  }

  private static void write(ResultSet trade, Connection connection) throws SQLException {
    try (PreparedStatement insert =
            connection.prepareStatement("INSERT INTO plain_trades VALUES (?, ?, ?, ?, ?, ?, ?)");
        PreparedStatement candles = connection.prepareStatement(CANDLES);
        PreparedStatement log =
            connection.prepareStatement("INSERT INTO plain_log VALUES (?, 'processed')")) {
      insert.setString(1, trade.getString(1));
      insert.setLong(2, trade.getLong(2));
      insert.setString(3, trade.getString(3));
      insert.setString(4, trade.getString(4));
      insert.setBigDecimal(5, trade.getBigDecimal(5));
      insert.setBigDecimal(6, trade.getBigDecimal(6));
      insert.setBigDecimal(7, trade.getBigDecimal(5).multiply(trade.getBigDecimal(6)));
      insert.executeUpdate();
      candles.setString(1, trade.getString(1));
      candles.executeUpdate();
      log.setString(1, trade.getString(1));
      log.executeUpdate();
    }
  }

  private Connection connect(DataSource database) throws SQLException {
    Connection connection = database.getConnection();
    connection.setSchema(schema);
    return connection;
  }
}
