package io.tradesync.examples.benchmarks;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tradesync.KeyRange;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.redis.EntryDecoder;
import io.tradesync.redis.LiveConsumer;
import io.tradesync.redis.TradePublisher;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Consumes a stream that is full of trades: one consumer of this library, and one of Spring Data
 * Redis with a batching JDBC writer; beside the catch-up of the same trades from the database. Then
 * the consumer of Spring Data Redis is killed once, to see what it loses; what this library does
 * then is tested, not measured.
 */
@Command(
    name = "stream",
    description = "A full stream by two consumers in turns, beside the catch-up.",
    mixinStandardHelpOptions = true)
public final class StreamBenchmark implements Callable<Integer> {

  static final String NAME = "tradesync_bench";

  private static final Goal OF_CATCH_UP = Goal.minRatio(0.7);
  private static final Goal OF_SPRING = Goal.minRatio(5);
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @Option(
      names = "--trades",
      defaultValue = "200000",
      description = "a multiple of the batch; default: ${DEFAULT-VALUE}")
  private int trades;

  @Option(names = "--rounds", defaultValue = "2", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(names = "--batch", defaultValue = "500", description = "default: ${DEFAULT-VALUE}")
  private int batch;

  private final PrintStream out = System.out;
  private final Report report;
  private boolean right = true;

  StreamBenchmark() {
    this(new Report());
  }

  /** Adds its rows to a report. */
  StreamBenchmark(Report report) {
    this.report = report;
  }

  @Override
  public Integer call() throws Exception {
    String work = "full stream of %,d, batch %d".formatted(trades, batch);
    Standing catchUp = Standing.ofRate(work, "tradesync, catch-up from the database");
    Standing library = new Standing(work, "tradesync, one consumer", Unit.ENTRIES_PER_SECOND);
    Standing spring =
        new Standing(work, "Spring Data Redis, batching JDBC writer", Unit.ENTRIES_PER_SECOND);
    try (Arena arena = Arena.open(5)) {
      Backlog backlog = arena.makeBacklog("stream", trades);
      RedisURI redis = RedisURI.create(arena.redisUrl());
      try {
        publish(arena, backlog, redis);
        for (int round = 0; round <= rounds; round++) {
          boolean counts = round > 0;
          Standing warmUp = Standing.ofRate(work, "warm-up");
          consume(arena, backlog, redis, counts ? library : warmUp);
          consumeBySpring(arena, backlog, counts ? spring : warmUp);
          catchUp(arena, backlog, counts ? catchUp : warmUp);
        }
        killSpring(arena, work);
      } finally {
        remove(redis);
      }
    }
    report.add(catchUp.row(null));
    report.add(library.row(catchUp, OF_CATCH_UP));
    report.add(spring.row(catchUp, null));
    report.add(library.row(work + ", beside Spring Data Redis", spring, OF_SPRING));
    return right ? 0 : 1;
  }

  private void publish(Arena arena, Backlog backlog, RedisURI redis) {
    PonderTradeSource source =
        PonderTradeSource.builder(arena.source()).schema(backlog.schema()).build();
    remove(redis);
    try (TradePublisher publisher = TradePublisher.builder(redis).stream(NAME).build()) {
      KeyRange rest = KeyRange.all();
      for (int published = 0; published < trades; ) {
        List<Trade> page = source.page(rest, Math.min(1_000, trades - published)).rows();
        publisher.publish(page);
        published += page.size();
        rest = rest.after(page.get(page.size() - 1).key());
      }
    }
  }

  private static void remove(RedisURI redis) {
    RedisClient client = RedisClient.create(redis);
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      connection.sync().del(NAME);
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    }
  }

  private void consume(Arena arena, Backlog backlog, RedisURI redis, Standing standing)
      throws Exception {
    arena.clearStore();
    try (SyncEngine engine = LibraryContestant.engine(arena, backlog, batch, 1);
        LiveConsumer consumer =
            LiveConsumer.builder(redis)
                .streams(NAME)
                .group("round-" + System.nanoTime())
                .decoder(EntryDecoder.trades())
                .batchSize(batch)
                .build()) {
      consumer.prepare();
      add(
          standing,
          Taken.by(
              arena,
              () -> {
                consumer.start(new Latency(engine));
                await(() -> consumer.health().counter("consumed") >= trades);
                return true;
              }));
    }
    check(arena, backlog);
  }

  private void consumeBySpring(Arena arena, Backlog backlog, Standing standing) throws Exception {
    arena.clearStore();
    try (SpringRedisConsumer consumer = new SpringRedisConsumer(arena, NAME, batch)) {
      add(
          standing,
          Taken.by(
              arena,
              () -> {
                consumer.start();
                await(() -> consumer.written() >= trades);
                return true;
              }));
    }
    check(arena, backlog);
  }

  private void catchUp(Arena arena, Backlog backlog, Standing standing) throws Exception {
    arena.clearStore();
    try (SyncEngine engine = LibraryContestant.engine(arena, backlog, batch, 1)) {
      Taken<SyncResult> taken = Taken.by(arena, engine::run);
      right &= taken.result().processed() == trades;
      add(standing, taken);
    }
    check(arena, backlog);
  }

  /** What was read and not written when the process ended belongs to a consumer that is gone. */
  private void killSpring(Arena arena, String work) throws Exception {
    arena.clearStore();
    Standing lost = new Standing(work, "Spring Data Redis: lost by a kill", Unit.ENTRIES);
    try (SpringRedisConsumer consumer = new SpringRedisConsumer(arena, NAME, batch)) {
      consumer.start();
      await(() -> consumer.written() >= trades / 4);
      consumer.kill();
      lost.add((double) consumer.pending());
    }
    report.add(lost.row(null));
    out.printf("lost by a kill of Spring Data Redis' consumer: %,.0f%n", lost.values().median());
  }

  private void add(Standing standing, Taken<?> taken) {
    standing.addRate(trades, taken.seconds(), taken.used());
    out.printf("%s: %,.0f/s%n", standing.contestant(), trades / taken.seconds());
  }

  private void check(Arena arena, Backlog backlog) {
    String differences = arena.differences(backlog);
    if (!differences.isEmpty()) {
      out.println("WRONG: " + differences);
      right = false;
    }
  }

  static void await(BooleanSupplier done) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("no progress for " + PATIENCE);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }
}
