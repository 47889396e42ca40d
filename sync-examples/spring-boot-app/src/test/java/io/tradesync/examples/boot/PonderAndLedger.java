package io.tradesync.examples.boot;

import io.tradesync.jdbc.fixture.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/** Two databases for one test: a source with Ponder's tables, and an empty store. */
final class PonderAndLedger implements AutoCloseable {

  static final long FIRST_SECOND = 1_754_400_000L;

  private final PostgresServer.Database source = PostgresServer.get().newDatabase();
  private final PostgresServer.Database store = PostgresServer.get().newDatabase();

  PonderAndLedger(int trades) {
    execute(
        source,
        String.format(
            Locale.ROOT,
            """
            CREATE TABLE order_book_trades (
              id text PRIMARY KEY, chain_id integer NOT NULL, price numeric(78, 0),
              quantity numeric(78, 0), "timestamp" integer, transaction_id text, side varchar,
              pool_id text NOT NULL);
            CREATE TABLE pools (
              id text PRIMARY KEY, order_book text, chain_id integer, coin varchar,
              base_decimals integer, quote_decimals integer);
            INSERT INTO order_book_trades
            SELECT 'trade_' || n, 1, 10 + n, 5, %d + n, '0x' || n, 'Buy', 'pool'
            FROM generate_series(1, %d) n;
            CREATE INDEX ON order_book_trades ("timestamp")\
            """,
            FIRST_SECOND,
            trades));
  }

  void addTrade(int number) {
    execute(
        source,
        String.format(
            Locale.ROOT,
            "INSERT INTO order_book_trades VALUES ('trade_%d', 1, 10, 1, %d, '0x', 'Buy', 'pool')",
            number,
            FIRST_SECOND + number));
  }

  String sourceUrl() {
    return source.jdbcUrl();
  }

  PostgresServer.Database source() {
    return source;
  }

  PostgresServer.Database store() {
    return store;
  }

  String storeUrl() {
    return store.jdbcUrl();
  }

  private static void execute(PostgresServer.Database database, String sql) {
    try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** The answer of the store to a query for one number; 0 if its table does not exist yet. */
  long numberInStore(String sql) {
    try (Connection connection = DriverManager.getConnection(storeUrl());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      if ("42P01".equals(e.getSQLState())) {
        return 0;
      }
      throw new IllegalStateException(sql, e);
    }
  }

  @Override
  public void close() {
    source.close();
    store.close();
  }
}
