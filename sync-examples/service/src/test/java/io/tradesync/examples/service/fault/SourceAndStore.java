package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.examples.service.embedded.SampleData;
import io.tradesync.examples.service.verify.Candles;
import io.tradesync.examples.service.verify.Sql;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.SyncLog;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A source and a store in two databases, engines between them, and assertions that must hold after
 * every fault. The assertions query the databases directly, not by way of a proxy. Not thread-safe.
 */
final class SourceAndStore implements AutoCloseable {

  /** The shortest lease that is allowed: after a kill, the next run waits for its end. */
  static final Duration LEASE_TTL = Duration.ofSeconds(1);

  /** The time of the first trade. */
  static final long T0 = 1_754_400_000L;

  private static final int BATCH = 50;
  private static final int WORKERS = 4;

  /** For the run, the live path, health. */
  private static final int FURTHER_CONNECTIONS = 3;

  private static final Duration WAIT_FOR_CONNECTION = Duration.ofSeconds(1);

  /** For connections by way of a proxy that may stop answering. */
  private static final Duration SHORT_SILENCE = Duration.ofSeconds(2);

  /** For direct connections: a busy machine may answer slowly. */
  private static final Duration LONG_SILENCE = Duration.ofSeconds(60);

  // Equal seconds, several pools of two chains, numbers of 256 bits, nulls, in random order of
  // time.
  private static final String ADD =
      String.format(
          Locale.ROOT,
          """
          INSERT INTO order_book_trades
          SELECT encode(sha256(n::text::bytea), 'hex'), CASE n %% 2 WHEN 0 THEN 1 ELSE 31337 END,
            CASE WHEN n %% 53 = 0 THEN NULL ELSE (n::numeric * 7919 %% 1000003) * 10::numeric ^ 70 END,
            CASE WHEN n %% 59 = 0 THEN NULL ELSE (n::numeric * 104729 %% 999983) * 10::numeric ^ 12 END,
            %d + (n::bigint * 48271 %% 20011)::integer, '0x' || md5(n::text),
            CASE WHEN n %% 3 = 0 THEN 'Buy' ELSE 'Sell' END, 'pool_' || n %% 5
          FROM generate_series(?, ?) n\
          """,
          T0);

  private static final String SOURCE_ROWS =
      """
      SELECT concat_ws('|', "timestamp", id, chain_id, pool_id, coalesce(side, '-'),
        coalesce(trim_scale(price)::text, '-'), coalesce(trim_scale(quantity)::text, '-'),
        coalesce(trim_scale(price * quantity)::text, '-'), coalesce(transaction_id, '-'))
      FROM order_book_trades ORDER BY "timestamp", id COLLATE "C"
      """;

  private static final String STORE_ROWS =
      """
      SELECT concat_ws('|', trade_timestamp, trade_id, chain_id, pool_id, coalesce(side, '-'),
        coalesce(trim_scale(price)::text, '-'), coalesce(trim_scale(quantity)::text, '-'),
        coalesce(trim_scale(volume)::text, '-'), coalesce(transaction_id, '-'))
      FROM analytics_trades ORDER BY trade_timestamp, trade_id\
      """;

  private static final String COUNTED_AND_NOT_LOGGED =
      """
      SELECT count(*)
      FROM (SELECT * FROM sync_log WHERE status = 'processed') l
      FULL JOIN analytics_trades t USING (trade_timestamp, trade_id)
      WHERE l.status IS NULL OR t.ts IS NULL\
      """;

  private static final String COUNTED_TWICE =
      "SELECT count(*) - count(DISTINCT trade_id) FROM analytics_trades";

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final String ponderUrl;
  private final String storeUrl;
  private final Sql source;
  private final Sql store;
  private int trades;

  private SourceAndStore(String ponderUrl, String storeUrl) {
    this.ponderUrl = ponderUrl;
    this.storeUrl = storeUrl;
    this.source = new Sql(ponderUrl);
    this.store = new Sql(storeUrl);
  }

  /** Creates two databases on the server of the test JVM. */
  static SourceAndStore create() {
    PostgresServer.Database ponder = PostgresServer.get().newDatabase();
    PostgresServer.Database analytics = PostgresServer.get().newDatabase();
    SourceAndStore sides = at(ponder.jdbcUrl(), analytics.jdbcUrl());
    sides.keep(ponder);
    sides.keep(analytics);
    return sides;
  }

  /** Creates the tables of a source; takes an empty store. */
  static SourceAndStore at(String ponderUrl, String storeUrl) {
    SampleData.createTables(ponderUrl);
    return over(ponderUrl, storeUrl);
  }

  /** Takes two databases that are in use already. */
  static SourceAndStore over(String ponderUrl, String storeUrl) {
    return new SourceAndStore(ponderUrl, storeUrl);
  }

  private <C extends AutoCloseable> C keep(C closeable) {
    open.push(closeable);
    return closeable;
  }

  String ponderUrl() {
    return ponderUrl;
  }

  String storeUrl() {
    return storeUrl;
  }

  Sql source() {
    return source;
  }

  Sql store() {
    return store;
  }

  /** A proxy in front of the source's server. */
  FaultyProxy proxyOfSource(long seed) {
    return keep(new FaultyProxy(address(ponderUrl), seed));
  }

  /** A proxy in front of the store's server. */
  FaultyProxy proxyOfStore(long seed) {
    return keep(new FaultyProxy(address(storeUrl), seed));
  }

  private static InetSocketAddress address(String url) {
    PGSimpleDataSource read = new PGSimpleDataSource();
    read.setUrl(url);
    return new InetSocketAddress(read.getServerNames()[0], read.getPortNumbers()[0]);
  }

  /** Returns the URL of the same database by way of a proxy. */
  static String through(FaultyProxy proxy, String url) {
    return url.replaceFirst("//[^/]*/", "//127.0.0.1:" + proxy.port() + "/");
  }

  /** Adds trades to the source, at random seconds, as several chains do. */
  void addTrades(int count) {
    source.update(ADD, trades + 1, trades + count);
    trades += count;
  }

  /** Changes the content of some trades at the source, as a reorganisation does. */
  void changeTrades(int every, int remainder) {
    source.update(
        "UPDATE order_book_trades SET quantity = coalesce(quantity, 0) + 1"
            + " WHERE ('x' || left(id, 6))::bit(24)::integer % ? = ?",
        every, remainder);
  }

  /** Builds an engine with pools of its own. */
  SyncEngineBuilder engine() {
    return engineWithPoolOf(WORKERS + FURTHER_CONNECTIONS);
  }

  /** Builds an engine with another sink, over connections that may stop answering. */
  SyncEngineBuilder engine(
      String ponderAddress, String storeAddress, TransactionalSink<Connection> sink) {
    DataSource store = pool(storeAddress, WORKERS + FURTHER_CONNECTIONS, SHORT_SILENCE);
    // The server ends the statement of a connection that stopped answering, and frees its locks.
    SyncLog log = PostgresSyncLog.builder(store).statementTimeout(SHORT_SILENCE).build();
    return engine(pool(ponderAddress, 2, SHORT_SILENCE), store, sink).log(log);
  }

  /** Builds an engine with the usual number of workers over a small pool of the store. */
  SyncEngineBuilder engineWithPoolOf(int connections) {
    return engine(pool(ponderUrl, 2), pool(storeUrl, connections), TimescaleSink.builder().build());
  }

  private static SyncEngineBuilder engine(
      DataSource ponder, DataSource store, TransactionalSink<Connection> sink) {
    return SyncEngine.builder()
        .source(PonderTradeSource.builder(ponder).build())
        .log(PostgresSyncLog.builder(store).build())
        .sink(sink)
        .batchSize(BATCH)
        .parallelism(WORKERS)
        .retryDelay(Duration.ofMillis(10))
        .leaseTtl(LEASE_TTL);
  }

  /** Opens a pool that is closed with this object. */
  HikariDataSource pool(String url, int size) {
    return pool(url, size, LONG_SILENCE);
  }

  private HikariDataSource pool(String url, int size, Duration silence) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(WAIT_FOR_CONNECTION.toMillis());
    config.setValidationTimeout(WAIT_FOR_CONNECTION.toMillis() / 2);
    config.setInitializationFailTimeout(-1);
    config.addDataSourceProperty("socketTimeout", String.valueOf(silence.toSeconds()));
    return keep(new HikariDataSource(config));
  }

  /** Asserts what must hold at every moment: no trade twice; log, trades and candles agree. */
  void assertConsistent() {
    assertThat(store.number(COUNTED_TWICE)).as("trades that count twice").isZero();
    assertThat(store.number(COUNTED_AND_NOT_LOGGED)).as("trades without their log").isZero();
    assertThat(store.texts(Candles.STORED)).isEqualTo(store.texts(Candles.RECOMPUTED_FROM_STORE));
  }

  /** Asserts what must hold after a run without errors: both sides are equal. */
  void assertEqual() {
    List<String> expected = source.texts(SOURCE_ROWS);
    assertThat(store.texts(STORE_ROWS)).isEqualTo(expected);
    assertThat(store.texts(Candles.STORED)).isEqualTo(source.texts(Candles.RECOMPUTED));
    assertThat(store.number("SELECT count(*) FROM sync_log WHERE status = 'processed'"))
        .isEqualTo(expected.size());
    assertThat(store.number("SELECT count(*) FROM sync_log WHERE status = 'error'")).isZero();
    assertConsistent();
  }

  /** Asserts that the run history holds each run that wrote to the log, and how it ended. */
  void assertRunHistoryExplainsTheLog() {
    assertThat(
            store.texts(
                """
                SELECT DISTINCT run_id FROM sync_log
                WHERE run_id <> '' AND run_id NOT IN (SELECT run_id FROM sync_run)\
                """))
        .as("runs that wrote and are not in the run history")
        .isEmpty();
    assertThat(
            store.texts(
                """
                SELECT run_id || ' ' || outcome FROM sync_run
                WHERE (outcome = 'running') <> (ended_at IS NULL)
                  OR (outcome <> 'running' AND message IS NULL)
                  OR (outcome = 'completed' AND processed + errors <> total)\
                """))
        .as("runs whose record contradicts itself")
        .isEmpty();
    assertThat(
            store.texts(
                """
                SELECT r.run_id || ' ' || r.outcome || ' ' || r.processed || ' but ' || count(*)
                FROM sync_run r JOIN sync_log l USING (run_id)
                WHERE l.status = 'processed' AND r.outcome IN ('completed', 'cancelled', 'failed')
                GROUP BY r.run_id HAVING count(*) > r.processed\
                """))
        .as("runs that wrote more than they say")
        .isEmpty();
  }

  /** Also asserts that no run is recorded as running; for tests in which none is under way. */
  void assertRunHistory() {
    assertRunHistoryExplainsTheLog();
    assertThat(store.texts("SELECT run_id FROM sync_run WHERE outcome = 'running'"))
        .as("runs that are recorded as running")
        .isEmpty();
  }

  @Override
  public void close() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
