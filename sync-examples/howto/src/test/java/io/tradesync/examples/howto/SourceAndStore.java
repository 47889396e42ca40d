package io.tradesync.examples.howto;

import io.tradesync.jdbc.fixture.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import javax.sql.DataSource;

/** Two databases for one test: a source with Ponder's tables, and an empty store. */
public final class SourceAndStore implements AutoCloseable {

  /** The second of the first trade. */
  static final long FIRST_SECOND = 1_754_400_000L;

  private final PostgresServer.Database source = PostgresServer.get().newDatabase();
  private final PostgresServer.Database store = PostgresServer.get().newDatabase();

  /** Creates the databases and the tables of the source. */
  public SourceAndStore() {
    executeOnSource(
        """
        CREATE TABLE order_book_trades (
          id text PRIMARY KEY, chain_id integer NOT NULL, price numeric(78, 0),
          quantity numeric(78, 0), "timestamp" integer, transaction_id text, side varchar,
          pool_id text NOT NULL);
        CREATE TABLE pools (
          id text PRIMARY KEY, order_book text, chain_id integer, coin varchar,
          base_decimals integer, quote_decimals integer)\
        """);
  }

  /** Returns the source. */
  public DataSource source() {
    return source.dataSource();
  }

  /** Returns the store. */
  public DataSource store() {
    return store.dataSource();
  }

  String sourceUrl() {
    return source.jdbcUrl();
  }

  String storeUrl() {
    return store.jdbcUrl();
  }

  /**
   * Adds trades to the source, one a minute from {@link #FIRST_SECOND} on: trade_1, trade_2, ...
   */
  public void addTrades(int count) {
    addTrades(count, FIRST_SECOND);
  }

  void addTrades(int count, long firstSecond) {
    executeOnSource(
        String.format(
            Locale.ROOT,
            """
            INSERT INTO order_book_trades
            SELECT 'trade_' || n, 1, 10 + n, 5, %d + (n - 1) * 60, '0x' || n, 'Buy', 'pool'
            FROM generate_series(1, %d) n\
            """,
            firstSecond,
            count));
  }

  void executeOnSource(String sql) {
    execute(source, sql);
  }

  void executeOnStore(String sql) {
    execute(store, sql);
  }

  private static void execute(PostgresServer.Database database, String sql) {
    try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /**
   * Returns the answer of the store to a query for one number; 0 if its table does not exist yet.
   */
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

  /** Returns how many trades the store holds; 0 if it has no table yet. */
  public long tradesInStore() {
    return numberInStore("SELECT count(*) FROM analytics_trades");
  }

  @Override
  public void close() {
    source.close();
    store.close();
  }
}
