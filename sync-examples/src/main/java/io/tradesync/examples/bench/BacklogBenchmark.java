package io.tradesync.examples.bench;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.RunKind;
import io.tradesync.SyncEngine;
import io.tradesync.SyncHealth;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.examples.embedded.EmbeddedServers;
import io.tradesync.examples.service.Databases;
import io.tradesync.examples.service.Settings;
import io.tradesync.examples.verify.Candles;
import io.tradesync.examples.verify.Sql;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Closes a gap of many trades between two databases, checks the outcome with plain SQL, and
 * compares the rate with that of a plain loop.
 */
@Command(
    name = "backlog",
    description = {
      "Closes a gap of many trades, on embedded servers or on those named by PONDER_JDBC_URL and",
      "ANALYTICS_JDBC_URL, where it uses a schema of its own, tradesync_bench, and drops it."
    },
    mixinStandardHelpOptions = true)
public final class BacklogBenchmark implements Callable<Integer> {

  private static final String SCHEMA = "tradesync_bench";

  @Option(names = "--trades", defaultValue = "1000000", description = "default: ${DEFAULT-VALUE}")
  private int trades;

  @Option(names = "--batch", defaultValue = "50", description = "default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(names = "--parallelism", defaultValue = "2", description = "default: ${DEFAULT-VALUE}")
  private int parallelism;

  @Option(
      names = "--baseline",
      defaultValue = "5000",
      description =
          "trades of the plain loop, half of them before and half after the run;"
              + " default: ${DEFAULT-VALUE}")
  private int baseline;

  private final PrintStream out = System.out;

  @Override
  public Integer call() throws SQLException {
    // Before the first logger is made: a line a batch would be measured too.
    System.setProperty("TRADESYNC_LOG_LEVEL", "WARN");
    Settings settings = Settings.fromEnvironment();
    try (EmbeddedServers servers = new EmbeddedServers()) {
      String source = url(settings.ponderJdbcUrl(), servers, "ponder");
      String store = url(settings.analyticsJdbcUrl(), servers, "analytics");
      try (HikariDataSource sourcePool = Databases.open(Settings.PONDER_JDBC_URL, source, 3);
          HikariDataSource storePool =
              Databases.open(Settings.ANALYTICS_JDBC_URL, store, parallelism + 3)) {
        return measure(new Sql(inSchema(source)), new Sql(inSchema(store)), sourcePool, storePool);
      }
    }
  }

  private static String url(@Nullable String named, EmbeddedServers servers, String database) {
    return named != null ? named : servers.postgresUrl(database);
  }

  private static String inSchema(String url) {
    return url + (url.contains("?") ? "&" : "?") + "currentSchema=" + SCHEMA;
  }

  private int measure(
      Sql source, Sql store, HikariDataSource sourcePool, HikariDataSource storePool)
      throws SQLException {
    recreateSchema(source);
    recreateSchema(store);
    try {
      makeTrades(source);
      PlainLoop loop = new PlainLoop(sourcePool, storePool, SCHEMA);
      double before = loop.run(0, baseline / 2);
      boolean right;
      double rate;
      try (SyncEngine engine = engine(sourcePool, storePool)) {
        rate = closeGap(engine);
        right = verify(engine, source, store);
      }
      double after = loop.run(baseline / 2, baseline - baseline / 2);
      double plain = (before + after) / 2;
      out.printf("plain loop, one transaction a trade: %,.0f trades/s%n", plain);
      out.printf("ratio: %.1f%n", rate / plain);
      return right ? 0 : 1;
    } finally {
      dropSchema(source);
      dropSchema(store);
    }
  }

  private static void recreateSchema(Sql database) {
    dropSchema(database);
    database.update("CREATE SCHEMA " + SCHEMA);
  }

  private static void dropSchema(Sql database) {
    database.update("DROP SCHEMA IF EXISTS " + SCHEMA + " CASCADE");
  }

  private void makeTrades(Sql source) {
    source.update(
        """
        CREATE TABLE order_book_trades (
          id text PRIMARY KEY, chain_id integer NOT NULL, price numeric(78, 0),
          quantity numeric(78, 0), "timestamp" integer, transaction_id text, side varchar,
          pool_id text NOT NULL
        )
        """);
    source.update(
        """
        INSERT INTO order_book_trades
        SELECT encode(sha256(('trade ' || n)::bytea), 'hex'), 31337,
          2500000000 + n * 7919 % 100000000, n::numeric * 1000000000000000, 1754400000 + n,
          '0x' || encode(sha256(('transaction ' || n)::bytea), 'hex'),
          CASE WHEN n % 2 = 0 THEN 'Buy' ELSE 'Sell' END, 'pool ' || n % 10
        FROM generate_series(1, ?::bigint) n
        """,
        trades);
    source.update(
        """
        CREATE TABLE pools AS
        SELECT n::text AS id, 'pool ' || n AS order_book, 31337 AS chain_id, 'BASE' || n || '/QUOTE' AS coin,
          18 AS base_decimals, 6 AS quote_decimals
        FROM generate_series(0, 9) n
        """);
    source.update("CREATE INDEX ON order_book_trades (\"timestamp\")");
    source.update("ANALYZE order_book_trades");
    out.printf("%,d trades in the source%n", trades);
  }

  private SyncEngine engine(HikariDataSource source, HikariDataSource store) {
    return SyncEngine.builder()
        .source(PonderTradeSource.builder(source).schema(SCHEMA).build())
        .log(PostgresSyncLog.builder(store).schema(SCHEMA).build())
        .sink(TimescaleSink.builder().schema(SCHEMA).build())
        .batchSize(batch)
        .parallelism(parallelism)
        .listener(new DiscoveryTime())
        .build();
  }

  private double closeGap(SyncEngine engine) {
    resetPeaks();
    SyncResult result = engine.run();
    double rate = result.processed() / (result.duration().toMillis() / 1_000.0);
    out.printf("%s in %,d ms%n", result.message(), result.duration().toMillis());
    out.printf(
        "batch %d, parallelism %d: %,.0f trades/s; heap at most %d of %d MB%n",
        batch, parallelism, rate, peakMegabytes(), Runtime.getRuntime().maxMemory() >> 20);
    return rate;
  }

  /** Tells how long it took to find out what is missing. */
  private final class DiscoveryTime implements SyncListener {
    private long started;

    @Override
    public void runStarted(String runId, RunKind kind) {
      started = System.nanoTime();
    }

    @Override
    public void runPlanned(String runId, long total) {
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
      out.printf("discovery: %,d missing trades in %,d ms%n", total, millis);
    }
  }

  private static void resetPeaks() {
    ManagementFactory.getMemoryPoolMXBeans().forEach(MemoryPoolMXBean::resetPeakUsage);
  }

  private static long peakMegabytes() {
    long sumOfPeaks =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .mapToLong(pool -> pool.getPeakUsage().getUsed())
            .sum();
    return Math.min(sumOfPeaks, Runtime.getRuntime().maxMemory()) >> 20;
  }

  private boolean verify(SyncEngine engine, Sql source, Sql store) {
    long began = System.nanoTime();
    SyncHealth health = engine.health();
    out.printf(
        "health: %s, in %,d ms%n",
        health.recommendation(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    boolean right = check("missing", "0", String.valueOf(health.gaps().total()));
    right &=
        check(
            "processed",
            String.valueOf(trades),
            store.texts("SELECT count(*) FROM sync_log WHERE status = 'processed'").get(0));
    right &=
        check(
            "rows of trades",
            String.valueOf(trades),
            store.texts("SELECT count(*) FROM analytics_trades").get(0));
    right &= check("candles", digest(source, Candles.RECOMPUTED), digest(store, Candles.STORED));
    return right;
  }

  private static String digest(Sql database, String candles) {
    return database
        .texts(
            "SELECT count(*) || ' ' || md5(string_agg(concat_ws, '\n')) FROM (" + candles + ") c")
        .get(0);
  }

  private boolean check(String what, String expected, String actual) {
    boolean same = expected.equals(actual);
    out.printf(
        "%s %s: %s%n",
        same ? "ok" : "WRONG", what, same ? actual : actual + " instead of " + expected);
    return same;
  }
}
