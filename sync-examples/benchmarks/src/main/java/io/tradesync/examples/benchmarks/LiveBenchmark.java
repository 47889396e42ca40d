package io.tradesync.examples.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariDataSource;
import io.lettuce.core.RedisURI;
import io.tradesync.KeyRange;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.examples.service.embedded.EmbeddedServers;
import io.tradesync.examples.service.serve.Databases;
import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.examples.service.verify.Candles;
import io.tradesync.examples.service.verify.Sql;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.redis.EntryDecoder;
import io.tradesync.redis.LiveConsumer;
import io.tradesync.redis.TradePublisher;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the way from a stream into the store: how many entries a second one consumer sustains
 * against a plain loop, how long an entry takes, and what an idle consumer costs.
 */
@Command(
    name = "live",
    description = {
      "Consumes a stream of many trades, on embedded servers or on those named by PONDER_JDBC_URL,",
      "ANALYTICS_JDBC_URL and REDIS_URL, where it uses a schema of its own, tradesync_bench, and",
      "the stream tradesync_bench, and removes both."
    },
    mixinStandardHelpOptions = true)
public final class LiveBenchmark implements Callable<Integer> {

  private static final String NAME = "tradesync_bench";
  private static final Goal P99 = Goal.max(25);

  @Option(names = "--entries", defaultValue = "200000", description = "default: ${DEFAULT-VALUE}")
  private int entries;

  @Option(names = "--batch", defaultValue = "500", description = "default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(
      names = "--baseline",
      defaultValue = "5000",
      description =
          "entries of the plain loop, half of them before and half after; default:"
              + " ${DEFAULT-VALUE}")
  private int baseline;

  @Option(
      names = "--rate",
      split = ",",
      defaultValue = "1000,10000",
      description = "entries a second while latency is measured; default: ${DEFAULT-VALUE}")
  private List<Integer> rates = List.of();

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description = "how long latency, and then idleness, is measured; default: ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--fsync",
      description = "lets the embedded PostgreSQL wait for the disk at each commit")
  private boolean fsync;

  private final PrintStream out = System.out;
  private final Report report;

  LiveBenchmark() {
    this(new Report());
  }

  /** Adds its rows to a report. */
  LiveBenchmark(Report report) {
    this.report = report;
  }

  @Override
  public Integer call() throws SQLException {
    // Must precede the first logger. A log line per batch would distort the measurement.
    System.setProperty("TRADESYNC_LOG_LEVEL", "WARN");
    Settings settings = Settings.fromEnvironment(null);
    try (EmbeddedServers servers = new EmbeddedServers()) {
      String source = url(settings.ponderJdbcUrl(), servers, "ponder");
      String store = url(settings.analyticsJdbcUrl(), servers, "analytics");
      String redis = settings.redisUrl() != null ? settings.redisUrl() : servers.redisUrl();
      if (fsync) {
        new Sql(store).update("ALTER SYSTEM SET fsync = on");
        new Sql(store).update("SELECT pg_reload_conf()");
      }
      try (HikariDataSource sourcePool =
              Databases.open(DeclaredSettings.PONDER_JDBC_URL.name(), source, 3);
          HikariDataSource storePool =
              Databases.open(DeclaredSettings.ANALYTICS_JDBC_URL.name(), store, 4)) {
        Sql sourceSql = new Sql(inSchema(source));
        Sql storeSql = new Sql(inSchema(store));
        recreateSchema(sourceSql);
        recreateSchema(storeSql);
        try {
          return measure(sourceSql, storeSql, sourcePool, storePool, redis);
        } finally {
          dropSchema(sourceSql);
          dropSchema(storeSql);
        }
      }
    }
  }

  private static String url(@Nullable String named, EmbeddedServers servers, String database) {
    return named != null ? named : servers.postgresUrl(database);
  }

  private static String inSchema(String url) {
    return url + (url.contains("?") ? "&" : "?") + "currentSchema=" + NAME;
  }

  private static void recreateSchema(Sql database) {
    dropSchema(database);
    database.update("CREATE SCHEMA " + NAME);
  }

  private static void dropSchema(Sql database) {
    database.update("DROP SCHEMA IF EXISTS " + NAME + " CASCADE");
  }

  private int measure(
      Sql source, Sql store, HikariDataSource sourcePool, HikariDataSource storePool, String redis)
      throws SQLException {
    int live = rates.stream().mapToInt(rate -> rate * seconds).sum();
    makeTrades(source, entries + live);
    PonderTradeSource ponder = PonderTradeSource.builder(sourcePool).schema(NAME).build();
    try (SyncEngine engine =
            SyncEngine.builder()
                .source(ponder)
                .log(PostgresSyncLog.builder(storePool).schema(NAME).build())
                .sink(TimescaleSink.builder().schema(NAME).build())
                .batchSize(batch)
                .build();
        PlainConsumer plain = new PlainConsumer(redis, storePool, NAME);
        TradePublisher publisher =
            TradePublisher.builder(RedisURI.create(redis)).stream(NAME).build()) {
      List<Trade> last = publish(ponder, publisher);
      out.printf("%,d entries in the stream%n", entries);
      double before = plain.run(baseline / 2);
      boolean right;
      double sustained;
      try (LiveConsumer consumer = consumer(redis)) {
        Latency latency = new Latency(engine);
        sustained = consume(consumer, latency);
        Trade published = last.get(last.size() - 1);
        for (int rate : rates) {
          published = measureLatency(ponder, publisher, latency, published, rate);
        }
        measureIdleness();
        right = verify(engine, consumer, source, store, entries + live);
      }
      double after = plain.run(baseline - baseline / 2);
      out.printf(
          "plain loop, XREADGROUP COUNT 1, one transaction, XACK: %,.0f entries/s before, %,.0f"
              + " after%n",
          before, after);
      double loop = (before + after) / 2;
      out.printf("ratio: %.1f%n", sustained / loop);
      reportRates(sustained, loop);
      return right ? 0 : 1;
    }
  }

  private void reportRates(double sustained, double loop) {
    String work = "full stream beside a plain loop";
    Standing consumer =
        new Standing(work, "one consumer, batch %d".formatted(batch), Unit.ENTRIES_PER_SECOND);
    Standing plain = new Standing(work, "XREADGROUP COUNT 1", Unit.ENTRIES_PER_SECOND);
    consumer.add(sustained);
    plain.add(loop);
    report.add(consumer.row(plain, null));
    report.add(plain.row(null));
  }

  private LiveConsumer consumer(String redis) {
    return LiveConsumer.builder(RedisURI.create(redis))
        .streams(NAME)
        .decoder(EntryDecoder.trades())
        .batchSize(batch)
        .build();
  }

  private static void makeTrades(Sql source, int count) {
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
        count);
    source.update(
        """
        CREATE TABLE pools AS
        SELECT n::text AS id, 'pool ' || n AS order_book, 31337 AS chain_id,
          'BASE' || n || '/QUOTE' AS coin, 18 AS base_decimals, 6 AS quote_decimals
        FROM generate_series(0, 9) n
        """);
    source.update("CREATE INDEX ON order_book_trades (\"timestamp\")");
    source.update("ANALYZE order_book_trades");
  }

  /** Publishes the first trades of the source; returns the last page of them. */
  private List<Trade> publish(PonderTradeSource ponder, TradePublisher publisher) {
    KeyRange rest = KeyRange.all();
    List<Trade> page = List.of();
    for (int published = 0; published < entries; published += page.size()) {
      page = ponder.page(rest, Math.min(1_000, entries - published)).rows();
      publisher.publish(page);
      rest = rest.after(page.get(page.size() - 1).key());
    }
    return page;
  }

  private double consume(LiveConsumer consumer, Latency latency) {
    consumer.prepare();
    long began = System.nanoTime();
    consumer.start(latency);
    StreamBenchmark.await(() -> consumer.health().counter("consumed") >= entries);
    double perSecond = entries / ((System.nanoTime() - began) / 1e9);
    out.printf("one consumer, batch %d: %,.0f entries/s%n", batch, perSecond);
    return perSecond;
  }

  /** Publishes trades at some rate; returns the last one. */
  private Trade measureLatency(
      PonderTradeSource ponder, TradePublisher publisher, Latency latency, Trade last, int rate) {
    int count = rate * seconds;
    KeyRange rest = KeyRange.all().after(last.key());
    Trade published = last;
    latency.take();
    long began = System.nanoTime();
    long interval = 1_000_000_000L / rate;
    int sent = 0;
    while (sent < count) {
      List<Trade> page = ponder.page(rest, Math.min(5_000, count - sent)).rows();
      for (int from = 0; from < page.size(); ) {
        long due = began + sent * interval;
        while (System.nanoTime() - due < 0) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        // All that are due by now, in one round trip, as a publisher that is late would do.
        long late = (System.nanoTime() - due) / interval;
        int to = (int) Math.min(page.size(), from + 1 + late);
        List<Trade> now = page.subList(from, to);
        now.forEach(trade -> latency.sending(trade.id()));
        publisher.publish(now);
        sent += to - from;
        from = to;
      }
      published = page.get(page.size() - 1);
      rest = rest.after(published.key());
    }
    double perSecond = count / ((System.nanoTime() - began) / 1e9);
    StreamBenchmark.await(latency::isSettled);
    long[] sorted = latency.take();
    out.printf(
        "XADD to commit at %,.0f entries/s: median %.1f ms, p99 %.1f ms, longest %.1f ms (%,d)%n",
        perSecond,
        Latency.percentile(sorted, 50),
        Latency.percentile(sorted, 99),
        Latency.percentile(sorted, 100),
        sorted.length);
    Standing p99 =
        new Standing(
            "XADD to commit at %,d entries/s".formatted(rate),
            "one consumer, batch %d, p99".formatted(batch),
            Unit.MILLISECONDS);
    p99.add(Latency.percentile(sorted, 99));
    report.add(p99.row(P99));
    return published;
  }

  private void measureIdleness() {
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = process.getProcessCpuTime();
    long began = System.nanoTime();
    StreamBenchmark.await(() -> System.nanoTime() - began > seconds * 1_000_000_000L / 2);
    // The waiting itself wakes a thousand times a second, and is not the consumer's.
    double waiting = 100.0 * (process.getProcessCpuTime() - cpu) / (System.nanoTime() - began);
    cpu = process.getProcessCpuTime();
    long slept = System.nanoTime();
    LockSupport.parkNanos(seconds * 1_000_000_000L);
    double idle = 100.0 * (process.getProcessCpuTime() - cpu) / (System.nanoTime() - slept);
    out.printf(
        "idle for %.0f s: %.2f %% of a core for the whole process (%.2f %% while it polls)%n",
        (System.nanoTime() - slept) / 1e9, idle, waiting);
  }

  private boolean verify(
      SyncEngine engine, LiveConsumer consumer, Sql source, Sql store, int expected) {
    out.println(consumer.health());
    boolean right = check("gaps", "0", String.valueOf(engine.health().gaps().total()));
    right &=
        check(
            "processed",
            String.valueOf(expected),
            store.texts("SELECT count(*) FROM sync_log WHERE status = 'processed'").get(0));
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
