package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.TransactionalSink;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** A store of a test, with what tests read from it. */
public final class StoreFixture {

  static final String POOL = "0x5fbdb2315678afecb367f032d93f642f64180aa3";

  private static PostgresServer.@Nullable Database shared;

  public final PostgresServer.Database database;
  final Jdbi jdbi;
  final PostgresSyncLog log;
  final TimescaleSink sink = TimescaleSink.builder().build();

  public StoreFixture() {
    this(PostgresServer.get().newDatabase());
  }

  /** A store in a database that the test created. */
  public StoreFixture(PostgresServer.Database database) {
    this(database, database.dataSource());
  }

  /** A store that the test connects to. */
  public StoreFixture(PostgresServer.Database database, DataSource connections) {
    this.database = database;
    this.jdbi = Jdbi.create(connections);
    this.log = PostgresSyncLog.builder(connections).build();
  }

  /**
   * A store on TimescaleDB, without any table of the library. The tests of a JVM use one database,
   * one after the other, since it takes seconds to create it.
   */
  static StoreFixture onTimescale() {
    StoreFixture store = new StoreFixture(sharedDatabase());
    store.dropTables();
    return store;
  }

  // The server drops it when the JVM ends.
  private static synchronized PostgresServer.Database sharedDatabase() {
    if (shared == null) {
      shared = PostgresServer.timescale().newDatabase();
    }
    return shared;
  }

  private void dropTables() {
    // Not by the cascade of a table: an aggregate that another one is made of is then in the way.
    List<String> aggregates =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        select format('drop materialized view %I.%I cascade', view_schema, view_name)
                        from timescaledb_information.continuous_aggregates
                        where view_schema = 'public'
                        order by length(view_name) desc, view_name desc\
                        """)
                    .mapTo(String.class)
                    .list());
    aggregates.forEach(this::execute);
    List<String> drops =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        select 'drop table if exists ' || quote_ident(tablename) || ' cascade'
                        from pg_tables
                        where schemaname = 'public'\
                        """)
                    .mapTo(String.class)
                    .list());
    drops.forEach(this::execute);
  }

  /** Drops the database, unless other tests use it as well. */
  void close() {
    if (database != shared) {
      database.close();
    }
  }

  void prepare() throws Exception {
    log.prepare();
    prepare(sink);
  }

  void prepare(TransactionalSink<Connection> joining) throws Exception {
    log.transact(
        null,
        transaction -> {
          joining.prepare(log.service(), (Connection) transaction.handle());
          return true;
        });
  }

  /** Does a piece of a sink's deferred work; returns whether there is more. */
  boolean completeDeferred(TransactionalSink<Connection> joining) throws Exception {
    return log.transact(
        null, transaction -> joining.completeDeferred((Connection) transaction.handle()));
  }

  /** Does a piece of a sink's work outside transactions; returns whether there is more. */
  boolean workAfterCommit(TransactionalSink<Connection> joining) throws Exception {
    return log.outsideTransaction(
            outside -> joining.workAfterCommit().orElseThrow().work((Connection) outside.handle()))
        .orElseThrow();
  }

  static Trade trade(String id, long second, long price, long quantity) {
    return Trade.builder(id, second, 31337, POOL)
        .price(BigDecimal.valueOf(price))
        .quantity(BigDecimal.valueOf(quantity))
        .side("Buy")
        .transactionId("0x" + id)
        .build();
  }

  long count(String sql) {
    return jdbi.withHandle(handle -> handle.createQuery(sql).mapTo(Long.class).one());
  }

  List<Map<String, Object>> rows(String sql) {
    return jdbi.withHandle(handle -> handle.createQuery(sql).mapToMap().list());
  }

  /** The trades in the sink's table. */
  List<Trade> trades() {
    return jdbi.withHandle(StoreFixture::trades);
  }

  /** The same, as a transaction sees it. */
  static List<Trade> trades(Handle handle) {
    return handle
        .createQuery("select * from analytics_trades order by trade_timestamp, trade_id")
        .map((row, context) -> trade(row))
        .list();
  }

  private static Trade trade(ResultSet row) throws SQLException {
    Trade.Builder trade =
        Trade.builder(
                row.getString("trade_id"),
                row.getLong("trade_timestamp"),
                row.getLong("chain_id"),
                row.getString("pool_id"))
            .price(row.getBigDecimal("price"))
            .quantity(row.getBigDecimal("quantity"))
            .transactionId(row.getString("transaction_id"))
            .side(row.getString("side"));
    String attributes = row.getString("attributes");
    if (attributes != null) {
      attributes(row.getStatement().getConnection(), attributes).forEach(trade::attribute);
    }
    return trade.build();
  }

  private static Map<String, String> attributes(Connection connection, String json)
      throws SQLException {
    Map<String, String> attributes = new LinkedHashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement("select * from jsonb_each_text(?::jsonb)")) {
      statement.setString(1, json);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          attributes.put(rows.getString(1), rows.getString(2));
        }
      }
    }
    return attributes;
  }

  /** How many transactions in this database wait for a lock. */
  long waitingForLocks() {
    return count(
        """
        select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'\
        """);
  }

  /** How many rows of a table a connection has read and not yet reported, by whatever index. */
  static long rowsRead(Connection connection, String table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select pg_stat_get_xact_tuples_fetched('%1$s'::regclass)
                  + pg_stat_get_xact_tuples_returned('%1$s'::regclass)
                  + (
                    select sum(pg_stat_get_xact_tuples_returned(indexrelid))
                    from pg_index where indrelid = '%1$s'::regclass)\
                """
                    .formatted(table))) {
      row.next();
      return row.getLong(1);
    }
  }

  void execute(String sql) {
    jdbi.useHandle(handle -> handle.execute(sql));
  }

  /** The server's clock cannot be set, but what it recorded can be made older. */
  void pass(Duration duration) {
    execute(
        String.format(
            Locale.ROOT,
            """
            update sync_tracked_id set gone_since = gone_since - %1$d * interval '1 second';
            update sync_lease set expires_at = expires_at - %1$d * interval '1 second'\
            """,
            duration.toSeconds()));
  }

  /** Asserts that the candles are exactly those that plain SQL computes from the rows of trades. */
  void assertCandlesEqualTheirTrades() {
    assertThat(candles()).isEqualTo(recomputed("analytics_trades"));
  }

  List<Map<String, Object>> candles() {
    return rows(
        """
        select chain_id, pool_id, bucket_seconds, bucket_start, trades, open::text, high::text,
          low::text, close::text, volume::text, quote_volume::text
        from trade_candles
        order by chain_id, pool_id, bucket_seconds, bucket_start\
        """);
  }

  List<Map<String, Object>> recomputed(String table) {
    return rows(recomputation(table));
  }

  /** The statement that computes candles from the rows of a table. */
  static String recomputation(String table) {
    return recomputation(table, "array[60, 300, 900, 3600, 86400]");
  }

  /** The same for the lengths of an SQL array. */
  static String recomputation(String table, String lengths) {
    return """
    select chain_id, pool_id, s.bucket_seconds,
      to_timestamp(floor(trade_timestamp::numeric / s.bucket_seconds) * s.bucket_seconds)
        as bucket_start,
      count(*) as trades,
      ((array_agg(price order by trade_timestamp, trade_id collate "C"))[1])::text as open,
      max(price)::text as high,
      min(price)::text as low,
      ((array_agg(price order by trade_timestamp desc, trade_id collate "C" desc))[1])::text
        as close,
      sum(quantity)::text as volume,
      sum(price * quantity)::text as quote_volume
    from %s cross join unnest(%s) as s (bucket_seconds)
    where price is not null and quantity is not null
    group by chain_id, pool_id, s.bucket_seconds, bucket_start
    order by chain_id, pool_id collate "C", s.bucket_seconds, bucket_start\
    """
        .formatted(table, lengths);
  }
}
