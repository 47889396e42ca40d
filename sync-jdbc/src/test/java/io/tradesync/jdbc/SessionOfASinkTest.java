package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.FailedTrade;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ds.PGPoolingDataSource;

/**
 * A sink in the log's transaction may do what it likes with the session of its connection, which
 * goes back to a pool: trades stay exact, the failure is the sink's, and another sink works after
 * it with the same connections.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SessionOfASinkTest {

  private static final long T = 1_754_400_000L;
  private static final int TRADES = 12;

  private static PostgresServer.Database database;

  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final PGPoolingDataSource pool = new PGPoolingDataSource();
  private StoreFixture store;

  @BeforeAll
  static void create() {
    database = PostgresServer.get().newDatabase();
    execute("create role stranger");
    execute("grant usage on schema public to stranger");
  }

  @AfterAll
  static void drop() {
    execute("drop owned by stranger");
    execute("drop role stranger");
    database.close();
  }

  private static void execute(String sql) {
    try (Connection connection = database.dataSource().getConnection()) {
      execute(connection, sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @BeforeEach
  void fill() {
    pool.setDataSourceName(getClass().getName() + System.nanoTime());
    pool.setUrl(database.jdbcUrl());
    pool.setMaxConnections(3);
    store = new StoreFixture(database, pool);
    execute("drop table if exists my_trades");
    execute("create table my_trades (id text primary key)");
    execute("grant all on my_trades to stranger");
    for (int i = 0; i < TRADES; i++) {
      source.put(StoreFixture.trade("t" + i, T + i, 3, 5));
    }
  }

  @AfterEach
  void close() {
    pool.close();
  }

  @FunctionalInterface
  private interface Deed {
    void on(Connection connection) throws SQLException;
  }

  /** Writes its rows, and then does something. */
  private record Strange(Deed deed) implements TransactionalSink<Connection> {
    @Override
    public Class<Connection> transactionType() {
      return Connection.class;
    }

    @Override
    public void write(TradeBatch batch, Connection transaction) throws SQLException {
      try (PreparedStatement insert =
          transaction.prepareStatement("insert into public.my_trades values (?)")) {
        for (TradeChange change : batch.changes()) {
          insert.setString(1, change.key().id());
          insert.addBatch();
        }
        insert.executeBatch();
      }
      deed.on(transaction);
    }
  }

  private SyncEngine engine(String service, Deed deed) {
    return SyncEngine.builder()
        .source(source)
        .log(PostgresSyncLog.builder(pool).service(service).build())
        .sink(new Strange(deed))
        .batchSize(2)
        .parallelism(2)
        .maxAttempts(1)
        .retryDelay(Duration.ofMillis(1))
        .build();
  }

  private static Arguments sql(String sql) {
    return Arguments.of(sql, (Deed) connection -> execute(connection, sql));
  }

  static Stream<Arguments> harmlessDeeds() {
    return Stream.of(
        sql("savepoint mine"),
        sql("close all; declare mine cursor with hold for select 1"),
        sql("declare mine cursor for select 1"),
        sql("select pg_advisory_xact_lock(7)"),
        sql("set search_path to pg_temp"),
        sql("set local search_path to 'no such schema'"),
        sql("set statement_timeout = '1h'"),
        sql("set lock_timeout = '1h'"),
        sql("set idle_in_transaction_session_timeout = 1000"),
        sql("set time zone 'Asia/Kathmandu'"),
        sql("set bytea_output = 'escape'"),
        sql("set extra_float_digits = -15"),
        sql("set array_nulls = off"),
        sql("set default_transaction_isolation = 'serializable'"),
        sql("set session characteristics as transaction isolation level repeatable read"),
        sql("reset all"),
        sql("deallocate all"),
        sql("create temp table if not exists mine (id text) on commit drop"),
        sql("notify mine"),
        Arguments.of("setSchema", (Deed) connection -> connection.setSchema("pg_temp")),
        Arguments.of("setSavepoint", (Deed) Connection::setSavepoint));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("harmlessDeeds")
  void whatASinkDoesToItsSessionChangesNothing(String name, Deed deed) {
    String service = "harmless" + System.nanoTime();
    try (SyncEngine engine = engine(service, deed)) {
      SyncResult result = engine.run();

      assertThat(result.message()).isEqualTo("Sync completed: 12/12 trades processed");
      assertThat(engine.run().total()).isZero();
      assertThat(engine.health().isHealthy()).isTrue();
    }
    assertThat(store.count("select count(*) from public.my_trades")).isEqualTo(TRADES);
  }

  static Stream<Arguments> harmfulDeeds() {
    return Stream.of(
        sql("set role stranger"),
        sql("set local role stranger"),
        sql("set transaction read only"),
        sql("set session characteristics as transaction read only"),
        sql("set default_transaction_read_only = on"),
        sql("set constraints all immediate"),
        sql("set session authorization stranger"),
        Arguments.of("setNetworkTimeout", (Deed) SessionOfASinkTest::waitMillisecond));
  }

  private static void waitMillisecond(Connection connection) throws SQLException {
    connection.setNetworkTimeout(Runnable::run, 1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("harmfulDeeds")
  void whatKeepsTheLogFromGoingOnIsTheSinksFailure(String name, Deed deed) {
    String service = "harmful" + System.nanoTime();
    try (SyncEngine engine = engine(service, deed)) {
      SyncResult result = engine.run();

      assertThat(result.message()).isEqualTo("Sync completed with errors: 0/12 trades processed");
      assertThat(engine.failedTrades(TradeKey.MIN, 20))
          .hasSize(TRADES)
          .extracting(FailedTrade::reason)
          .allSatisfy(reason -> assertThat(reason).contains("sink").doesNotContain("the store"));
      assertThat(store.count("select count(*) from public.my_trades")).isZero();
    }
    try (SyncEngine engine = engine(service, connection -> {})) {
      assertThat(engine.run().message()).isEqualTo("Sync completed: 12/12 trades processed");
      assertThat(engine.health().isHealthy()).isTrue();
      assertThat(store.count("select count(*) from public.my_trades")).isEqualTo(TRADES);
    }
  }
}
