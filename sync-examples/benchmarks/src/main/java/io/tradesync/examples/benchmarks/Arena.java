package io.tradesync.examples.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.examples.service.embedded.EmbeddedServers;
import io.tradesync.examples.service.serve.Databases;
import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.examples.service.verify.Candles;
import io.tradesync.examples.service.verify.Sql;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The two databases of a benchmark: one with trades, one to be filled. They are embedded, or those
 * named by PONDER_JDBC_URL and ANALYTICS_JDBC_URL. It creates schemas of its own there and drops
 * them.
 */
final class Arena implements AutoCloseable {

  /** The schema of the store, and the prefix of those of the source. */
  static final String SCHEMA = "tradesync_bench";

  /** The first second of a day, in UTC. */
  static final long DAY_START = 1_754_438_400;

  static final long SECONDS_PER_DAY = 86_400;

  private static final long FIRST_SECOND = 1_754_400_000;

  /** How many trades of a backlog each second has. */
  static final int TRADES_PER_SECOND = 4;

  private final EmbeddedServers servers;
  private final EmbeddedServers serversOfSource;
  private final String sourceUrl;
  private final String storeUrl;
  private final HikariDataSource source;
  private final HikariDataSource store;
  private final Map<String, String> expectedCandles = new HashMap<>();
  private final Map<String, Backlog> backlogs = new HashMap<>();

  private Arena(
      EmbeddedServers servers,
      EmbeddedServers serversOfSource,
      String sourceUrl,
      String storeUrl,
      HikariDataSource source,
      HikariDataSource store) {
    this.servers = servers;
    this.serversOfSource = serversOfSource;
    this.sourceUrl = sourceUrl;
    this.storeUrl = storeUrl;
    this.source = source;
    this.store = store;
  }

  /**
   * Opens both databases.
   *
   * @param storeConnections how many connections the store's pool may hold
   */
  static Arena open(int storeConnections) {
    EmbeddedServers servers = new EmbeddedServers();
    return open(storeConnections, servers, servers);
  }

  /** The same, but an embedded source has a server of its own. */
  static Arena openApart(int storeConnections) {
    return open(storeConnections, new EmbeddedServers(), new EmbeddedServers());
  }

  private static Arena open(
      int storeConnections, EmbeddedServers servers, EmbeddedServers serversOfSource) {
    // Must precede the first logger. A log line per batch would distort the measurement.
    System.setProperty("TRADESYNC_LOG_LEVEL", "WARN");
    Settings settings = Settings.fromEnvironment(null);
    try {
      String source = url(settings.ponderJdbcUrl(), serversOfSource, "ponder");
      String store = url(settings.analyticsJdbcUrl(), servers, "analytics");
      return new Arena(
          servers,
          serversOfSource,
          source,
          store,
          Databases.open(DeclaredSettings.PONDER_JDBC_URL.name(), source, 4),
          Databases.open(
              DeclaredSettings.ANALYTICS_JDBC_URL.name(),
              inSchema(store, SCHEMA),
              storeConnections));
    } catch (RuntimeException e) {
      serversOfSource.close();
      servers.close();
      throw e;
    }
  }

  private static String url(@Nullable String named, EmbeddedServers servers, String database) {
    return named != null ? named : servers.postgresUrl(database);
  }

  private static String inSchema(String url, String schema) {
    return url + (url.contains("?") ? "&" : "?") + "currentSchema=" + schema;
  }

  /** The URL of the Redis, which is embedded or named by REDIS_URL. */
  String redisUrl() {
    String named = Settings.fromEnvironment(null).redisUrl();
    return named != null ? named : servers.redisUrl();
  }

  /** The JDBC URL of a backlog. */
  String url(Backlog backlog) {
    return inSchema(sourceUrl, backlog.schema());
  }

  /** The JDBC URL of the store. */
  String storeUrl() {
    return inSchema(storeUrl, SCHEMA);
  }

  /** The JDBC URL of another database of the store's server. */
  String storeUrl(String database) {
    int query = storeUrl.indexOf('?');
    String address = query < 0 ? storeUrl : storeUrl.substring(0, query);
    return address.substring(0, address.lastIndexOf('/') + 1)
        + database
        + (query < 0 ? "" : storeUrl.substring(query));
  }

  /** Plain SQL on the store, outside its schema. */
  Sql storeServerSql() {
    return new Sql(storeUrl);
  }

  /** The pool of the source; whoever uses it names the backlog's schema. */
  HikariDataSource source() {
    return source;
  }

  /** The pool of the store, in its schema. */
  HikariDataSource store() {
    return store;
  }

  /** A connection to a backlog that waits for slow statements, which the pool's do not. */
  Connection connect(Backlog backlog) throws SQLException {
    return DriverManager.getConnection(url(backlog));
  }

  /** A connection to the store that waits for slow statements, which the pool's do not. */
  Connection connectStore() throws SQLException {
    return DriverManager.getConnection(storeUrl());
  }

  /** Plain SQL on a backlog. */
  Sql sql(Backlog backlog) {
    return new Sql(url(backlog));
  }

  /** Plain SQL on the store. */
  Sql storeSql() {
    return new Sql(storeUrl());
  }

  /**
   * Fills a schema of the source with trades of ten pools, four a second, as an indexer declares
   * its tables. Ids are hashes.
   */
  Backlog makeBacklog(String name, long trades) {
    return makeBacklog(name, trades, FIRST_SECOND, 1, TRADES_PER_SECOND);
  }

  /** The same, but with so many trades a second. */
  Backlog makeBacklog(String name, long trades, long tradesPerSecond) {
    return makeBacklog(name, trades, FIRST_SECOND, 1, tradesPerSecond);
  }

  /** The same, but the trades are those of one day. */
  Backlog makeDay(String name, long trades) {
    return makeBacklog(name, trades, DAY_START, SECONDS_PER_DAY, trades);
  }

  private Backlog makeBacklog(
      String name, long trades, long firstSecond, long seconds, long tradesInSeconds) {
    Backlog backlog = new Backlog(SCHEMA + "_" + name, trades);
    Sql sql = sql(backlog);
    recreateSchema(sql, backlog.schema());
    backlogs.put(backlog.schema(), backlog);
    sql.update(
        """
        CREATE TABLE order_book_trades (
          id text PRIMARY KEY, chain_id integer NOT NULL, price numeric(78, 0),
          quantity numeric(78, 0), "timestamp" integer, transaction_id text, side varchar,
          pool_id text NOT NULL
        )
        """);
    sql.update(
        """
        INSERT INTO order_book_trades
        SELECT encode(sha256(('trade ' || n)::bytea), 'hex'), 31337,
          2500000000 + n * 7919 % 100000000, n::numeric * 1000000000000000,
          ?::bigint + (n - 1) * ?::bigint / ?::bigint,
          '0x' || encode(sha256(('transaction ' || n)::bytea), 'hex'),
          CASE WHEN n % 2 = 0 THEN 'Buy' ELSE 'Sell' END,
          '0x' || left(encode(sha256(('pool ' || n % 10)::bytea), 'hex'), 40)
        FROM generate_series(1, ?::bigint) n
        """,
        firstSecond, seconds, tradesInSeconds, trades);
    sql.update(
        """
        CREATE TABLE pools AS
        SELECT n::text AS id,
          '0x' || left(encode(sha256(('pool ' || n)::bytea), 'hex'), 40) AS order_book,
          31337 AS chain_id, 'BASE' || n || '/QUOTE' AS coin,
          18 AS base_decimals, 6 AS quote_decimals
        FROM generate_series(0, 9) n
        """);
    sql.update("CREATE INDEX ON order_book_trades (\"timestamp\")");
    sql.update("VACUUM ANALYZE order_book_trades");
    return backlog;
  }

  /** Names the machine, for a table of results. */
  String machine() {
    return "%d processors, Java %s, PostgreSQL %s, fsync %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            Runtime.version(),
            storeSql().texts("SHOW server_version").get(0),
            storeSql().texts("SHOW fsync").get(0));
  }

  /** Empties the store. */
  void clearStore() {
    recreateSchema(storeSql(), SCHEMA);
  }

  private static void recreateSchema(Sql database, String schema) {
    dropSchema(database, schema);
    database.update("CREATE SCHEMA " + schema);
  }

  private static void dropSchema(Sql database, String schema) {
    database.update("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
  }

  /** Notes that the trades of a backlog are no longer what they were. */
  void changed(Backlog backlog) {
    expectedCandles.remove(backlog.schema());
  }

  /**
   * Compares the store with a backlog: the rows of log and trades, and each candle.
   *
   * @return the differences; empty if there is none
   */
  String differences(Backlog backlog) {
    return difference(
            "processed",
            String.valueOf(backlog.trades()),
            storeSql().texts("SELECT count(*) FROM sync_log WHERE status = 'processed'").get(0))
        + difference(
            "trades",
            String.valueOf(backlog.trades()),
            storeSql().texts("SELECT count(*) FROM analytics_trades").get(0))
        + difference(
            "candles",
            expectedCandles.computeIfAbsent(
                backlog.schema(), schema -> digest(sql(backlog), Candles.RECOMPUTED)),
            digest(storeSql(), Candles.STORED));
  }

  private static String digest(Sql database, String candles) {
    return database
        .texts(
            "SELECT count(*) || ' ' || md5(string_agg(concat_ws, '\n')) FROM (" + candles + ") c")
        .get(0);
  }

  private static String difference(String what, String expected, String actual) {
    return expected.equals(actual)
        ? ""
        : "%s: %s instead of %s%n".formatted(what, actual, expected);
  }

  /** Drops the schemas and stops the embedded servers. */
  @Override
  public void close() {
    dropSchema(storeSql(), SCHEMA);
    backlogs.values().forEach(backlog -> dropSchema(sql(backlog), backlog.schema()));
    store.close();
    source.close();
    serversOfSource.close();
    servers.close();
  }
}
