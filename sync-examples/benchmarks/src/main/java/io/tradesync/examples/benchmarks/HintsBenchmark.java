package io.tradesync.examples.benchmarks;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tradesync.SyncEngine;
import io.tradesync.examples.service.verify.Sql;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.redis.EntryDecoder;
import io.tradesync.redis.LiveConsumer;
import io.tradesync.spi.TradeSource;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Trades arrive at the source at some rate, and a hint for each of them in a stream. It counts how
 * often a second the engine reads the source, and how long the last trade takes.
 */
@Command(
    name = "hints",
    description = "Hints at some rate: how many reads of the source they cost.",
    mixinStandardHelpOptions = true)
public final class HintsBenchmark implements Callable<Integer> {

  private static final Goal READS = Goal.max(20);
  private static final int TICKS_PER_SECOND = 50;

  /** An arrival of trades, as an indexer commits a block. */
  private static final String ARRIVE =
      """
      INSERT INTO order_book_trades
      SELECT id, chain_id, price, quantity, "timestamp", transaction_id, side, pool_id FROM future
      WHERE number >= ? AND number < ?
      RETURNING concat_ws(' ', "timestamp", transaction_id)
      """;

  @Option(names = "--rate", defaultValue = "5000", description = "default: ${DEFAULT-VALUE}")
  private int rate;

  @Option(names = "--seconds", defaultValue = "10", description = "default: ${DEFAULT-VALUE}")
  private int seconds;

  @Option(names = "--batch", defaultValue = "500", description = "default: ${DEFAULT-VALUE}")
  private int batch;

  private final PrintStream out = System.out;
  private final Report report;

  HintsBenchmark() {
    this(new Report());
  }

  /** Adds its rows to a report. */
  HintsBenchmark(Report report) {
    this.report = report;
  }

  @Override
  public Integer call() throws Exception {
    try (Arena arena = Arena.open(5)) {
      Backlog backlog = arena.makeBacklog("hints", (long) rate * seconds, rate);
      Sql source = arena.sql(backlog);
      source.update(
          """
          CREATE TABLE future AS
          SELECT *, row_number() OVER (ORDER BY "timestamp", id) - 1 AS number
          FROM order_book_trades
          """);
      source.update("CREATE INDEX ON future (number)");
      source.update("TRUNCATE order_book_trades");
      arena.clearStore();
      return measure(arena, backlog) ? 0 : 1;
    }
  }

  private boolean measure(Arena arena, Backlog backlog) throws Exception {
    AtomicLong reads = new AtomicLong();
    RedisURI redis = RedisURI.create(arena.redisUrl());
    RedisClient client = RedisClient.create(redis);
    try (StatefulRedisConnection<String, String> connection = client.connect();
        SyncEngine engine =
            SyncEngine.builder()
                .source(
                    counted(
                        PonderTradeSource.builder(arena.source()).schema(backlog.schema()).build(),
                        reads))
                .log(PostgresSyncLog.builder(arena.store()).schema(Arena.SCHEMA).build())
                .sink(TimescaleSink.builder().schema(Arena.SCHEMA).build())
                .batchSize(batch)
                .build();
        LiveConsumer consumer =
            LiveConsumer.builder(redis)
                .streams(StreamBenchmark.NAME)
                .group("hints-" + System.nanoTime())
                .decoder(EntryDecoder.hints())
                .batchSize(batch)
                .build()) {
      connection.sync().del(StreamBenchmark.NAME);
      consumer.prepare();
      consumer.start(new Latency(engine));
      reads.set(0);
      Taken<Long> published = Taken.by(arena, () -> publish(arena, backlog, connection));
      long began = System.nanoTime();
      StreamBenchmark.await(() -> consumer.health().counter("consumed") >= backlog.trades());
      double lag = (System.nanoTime() - began) / 1e6;
      double perSecond = reads.get() / (published.seconds() + lag / 1e3);
      out.printf(
          "%,.0f hints/s: %.1f reads of the source a second, the last one after %,.0f ms%n",
          published.result() / published.seconds(), perSecond, lag);
      Standing standing =
          new Standing("hints at %,d/s".formatted(rate), "one consumer", Unit.READS_PER_SECOND);
      standing.add(perSecond);
      report.add(standing.row(READS));
      Standing last =
          new Standing(
              "hints at %,d/s".formatted(rate), "the last one committed", Unit.MILLISECONDS);
      last.add(lag);
      report.add(last.row(null));
      connection.sync().del(StreamBenchmark.NAME);
    } finally {
      client.shutdown();
    }
    String differences = arena.differences(backlog);
    out.print(differences);
    return differences.isEmpty();
  }

  /** Lets the trades arrive, a hint each; returns how many. */
  private long publish(
      Arena arena, Backlog backlog, StatefulRedisConnection<String, String> connection) {
    Sql source = arena.sql(backlog);
    long ticks = (long) seconds * TICKS_PER_SECOND;
    long began = System.nanoTime();
    long count = 0;
    for (long tick = 0; tick < ticks; tick++) {
      long due = began + tick * 1_000_000_000L / TICKS_PER_SECOND;
      while (System.nanoTime() - due < 0) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      long from = backlog.trades() * tick / ticks;
      long to = backlog.trades() * (tick + 1) / ticks;
      List<RedisFuture<String>> sent = new ArrayList<>();
      for (String arrived : source.texts(ARRIVE, from, to)) {
        int blank = arrived.indexOf(' ');
        sent.add(
            connection
                .async()
                .xadd(
                    StreamBenchmark.NAME,
                    Map.of(
                        "timestamp", arrived.substring(0, blank),
                        "tradeId", arrived.substring(blank + 1))));
      }
      sent.forEach(each -> each.toCompletableFuture().join());
      count += sent.size();
    }
    return count;
  }

  private static TradeSource counted(TradeSource source, AtomicLong reads) {
    return (TradeSource)
        Proxy.newProxyInstance(
            TradeSource.class.getClassLoader(),
            new Class<?>[] {TradeSource.class},
            (proxy, method, values) -> {
              reads.incrementAndGet();
              try {
                return method.invoke(source, values);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
