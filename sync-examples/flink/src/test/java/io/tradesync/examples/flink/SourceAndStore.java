package io.tradesync.examples.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.GapCounts;
import io.tradesync.SyncEngine;
import io.tradesync.jdbc.fixture.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/** A source with trades of some days, an empty store, and SQL that compares them. */
final class SourceAndStore implements AutoCloseable {

  static final int TRADES = 4_000;

  // Six days, so that units end at days.
  static final long FIRST_SECOND = 1_754_352_000L;
  static final long APART = 6 * 86_400 / TRADES;

  private static final long DAY = 86_400;
  private static final String TABLES =
      """
      drop table if exists order_book_trades, pools;
      create table order_book_trades (
        id text primary key, chain_id integer not null, price numeric(78, 0),
        quantity numeric(78, 0), "timestamp" integer, transaction_id text, side varchar,
        pool_id text not null);
      create table pools (
        id text primary key, order_book text, chain_id integer, coin varchar,
        base_decimals integer, quote_decimals integer);
      insert into order_book_trades
      select 't' || n, 1, 10 + n %% 97, 5, %d + n * %d, '0x' || n, 'Buy', 'p' || n %% 3
      from generate_series(0, %d) n\
      """;
  private static final String ROWS =
      """
      select coalesce(string_agg(concat_ws(' ', %s, price, quantity), ', ' order by %1$s), '')
      from %s\
      """;
  // Keys that are in the store or in the log, but not in both; or that count as failed.
  private static final String WRONG_ENTRIES =
      """
      select count(*) from (select * from sync_log where status <> 'retracted') as entry
        full join analytics_trades as trade
          on (trade.trade_timestamp, trade.trade_id) = (entry.trade_timestamp, entry.trade_id)
      where entry.status is distinct from 'processed' or trade.trade_id is null\
      """;

  // What plain SQL computes from the rows, against the candles; empty if they are equal.
  private static final String WRONG_CANDLES =
      """
      with right_ones as (
        select chain_id, pool_id, s as bucket_seconds,
          to_timestamp(floor(trade_timestamp::numeric / s) * s) as bucket_start, count(*) as trades,
          (array_agg(price order by trade_timestamp, trade_id collate "C"))[1] as open,
          max(price) as high, min(price) as low,
          (array_agg(price order by trade_timestamp desc, trade_id collate "C" desc))[1] as close,
          sum(quantity) as volume, sum(price * quantity) as quote_volume
        from analytics_trades cross join unnest(array[60, 300, 900, 3600, 86400]) s
        group by chain_id, pool_id, s, bucket_start),
      held as (
        select chain_id, pool_id, bucket_seconds, bucket_start, trades, open, high, low, close,
          volume, quote_volume
        from trade_candles)
      select count(*) from (
        (select * from right_ones except select * from held)
        union all (select * from held except select * from right_ones)) as wrong\
      """;

  private final PostgresServer.Database ponder = PostgresServer.get().newDatabase();
  private final PostgresServer.Database store = PostgresServer.get().newDatabase();

  SourceAndStore() {
    this(TRADES, 6);
  }

  SourceAndStore(int trades, int days) {
    fill(ponder.jdbcUrl(), trades, days);
  }

  /** Creates Ponder's tables, or creates them again. */
  static void fill(String url, int trades, int days) {
    execute(url, String.format(Locale.ROOT, TABLES, FIRST_SECOND, days * DAY / trades, trades - 1));
  }

  String ponderUrl() {
    return ponder.jdbcUrl();
  }

  String storeUrl() {
    return store.jdbcUrl();
  }

  void changeSource(String sql) {
    execute(ponder.jdbcUrl(), sql);
  }

  void changeStore(String sql) {
    execute(store.jdbcUrl(), sql);
  }

  private static void execute(String url, String sql) {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  long inSource(String sql) {
    return Long.parseLong(read(ponder, sql));
  }

  long inStore(String sql) {
    return Long.parseLong(read(store, sql));
  }

  /** How many trades the store holds; 0 also before its tables are created. */
  long written() {
    return inStore("select count(*) from pg_class where relname = 'analytics_trades'") == 0
        ? 0
        : inStore("select count(*) from analytics_trades");
  }

  private static String read(PostgresServer.Database database, String sql) {
    try (Connection connection = DriverManager.getConnection(database.jdbcUrl());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /**
   * Expects what a run of one process would have left, also by an engine's own health and audit.
   */
  void assertExact() {
    assertThat(read(store, ROWS.formatted("trade_id", "analytics_trades")))
        .isEqualTo(read(ponder, ROWS.formatted("id", "order_book_trades")));
    assertThat(read(store, WRONG_ENTRIES)).isEqualTo("0");
    assertThat(read(store, WRONG_CANDLES)).isEqualTo("0");
    PostgresEngines engines = new PostgresEngines(ponderUrl(), storeUrl());
    try (SyncEngine local = HeldEngines.settings(engines).build()) {
      assertThat(local.health().gaps()).isEqualTo(GapCounts.NONE);
      assertThat(local.audit().gaps()).isEqualTo(GapCounts.NONE);
      assertThat(local.run().total()).isZero();
    } finally {
      engines.close();
    }
  }

  @Override
  public void close() {
    ponder.close();
    store.close();
  }
}
