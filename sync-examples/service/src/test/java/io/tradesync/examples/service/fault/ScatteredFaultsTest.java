package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.tradesync.FailedTrade;
import io.tradesync.KeyRange;
import io.tradesync.RunOptions;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.fixture.PrivatePostgres;
import io.tradesync.redis.LiveConsumer;
import io.tradesync.redis.TradePublisher;
import io.tradesync.redis.fixture.RedisServer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Rows that are no trades, rows outside the key order, trades that the store refuses, entries that
 * make no sense and a stream that is none, at random among many good ones, live and by runs, while
 * the servers restart.
 */
class ScatteredFaultsTest {

  private static final String STREAM = "trades";
  private static final String NO_STREAM = "no-stream";
  private static final String DEAD = "tradesync:dead";
  private static final String REFUSED = "Refused";
  private static final int UNREADABLE = 30;
  private static final int OUTSIDE = 10;
  private static final int REFUSALS = 10;
  private static final int BAD_ENTRIES = 40;
  private static final int PUBLISHED = 2_000;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  // A bad row is a copy of a good one at a random second, bad in one way.
  private static final String ADD_BAD =
      """
      INSERT INTO order_book_trades
      SELECT %s, chain_id, %s, quantity, %s, transaction_id, %s, pool_id
      FROM order_book_trades
      WHERE price IS NOT NULL AND quantity IS NOT NULL AND side <> 'Refused' AND price <> 'NaN'
        AND length(id) = 64 AND "timestamp" IS NOT NULL
      ORDER BY md5(id || ?)
      LIMIT ?\
      """;

  @Tag("long")
  @Test
  void twoHundredThousandTradesAndBadOnesAmongThem() throws Exception {
    scatter(10, 20_000, "scattered faults");
  }

  private static void scatter(int rounds, int tradesEach, String purpose) throws Exception {
    Random random = RandomSeed.random(purpose);
    try (PrivatePostgres server = PrivatePostgres.start();
        RedisServer redis = RedisServer.startPrivate();
        SourceAndStore sides =
            SourceAndStore.at(server.newDatabase("ponder"), server.newDatabase("analytics"));
        SyncEngine engine = sides.engine().orphanGrace(Duration.ZERO).build();
        Entries entries = new Entries(redis);
        TradePublisher publisher =
            TradePublisher.builder(RedisURI.create(redis.uri())).stream(STREAM).build();
        LiveConsumer live = consumer(redis)) {
      sides.source().update("ALTER TABLE order_book_trades ALTER \"timestamp\" DROP NOT NULL");
      sides
          .store()
          .update(
              "ALTER TABLE analytics_trades ADD CONSTRAINT not_refused"
                  + " CHECK (side IS DISTINCT FROM '"
                  + REFUSED
                  + "')");
      live.start(engine);
      entries.commands.set(NO_STREAM, "a string");
      for (int round = 0; round < rounds; round++) {
        sides.addTrades(tradesEach);
        addBad(sides, "bad" + round);
        CompletableFuture<SyncResult> run =
            BackgroundWork.start(() -> RepeatedRuns.patiently(engine::run));
        publisher.publish(some(sides, random));
        for (int i = 0; i < BAD_ENTRIES; i++) {
          entries.addBad(random);
        }
        publisher.publish(some(sides, random));
        if (round % 2 == 0) {
          redis.restart();
        } else {
          server.crash();
          server.startAgain();
        }
        SyncResult ignored = run.get();
      }

      RunOptions everything = RunOptions.DEFAULT.compareAll(true);
      RepeatedRuns.untilSuccess(() -> engine.run(everything));
      await().atMost(PATIENCE).until(() -> entries.areSettled());
      SyncResult last = RepeatedRuns.untilSuccess(() -> engine.run(everything));
      assertThat(last.processed()).as("trades that were still missing").isZero();

      assertListed(sides, engine, rounds);
      assertThat(entries.dead()).isEqualTo(entries.bad);
      assertThat(live.health().channels())
          .filteredOn(channel -> channel.name().equals(NO_STREAM))
          .singleElement()
          .satisfies(channel -> assertThat(channel.up()).isFalse());
      sides.assertConsistent();

      // Without the bad rows, both sides are equal, and nothing is listed any more.
      sides
          .source()
          .update(
              "DELETE FROM order_book_trades WHERE price = 'NaN' OR \"timestamp\" IS NULL"
                  + " OR length(id) > 64 OR side = '"
                  + REFUSED
                  + "'");
      RepeatedRuns.untilSuccess(() -> engine.run(everything));
      assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
      assertThat(engine.rowsOutsideKeyOrder(null, 10).rows()).isEmpty();
      live.close();
      engine.close();
      sides.assertEqual();
      System.out.printf(
          "seed %d: %d good trades, %d bad rows, %d bad entries, %d restarts; %d entries came by"
              + " the live path; none lost, none twice, all bad ones listed%n",
          RandomSeed.value(),
          rounds * tradesEach,
          rounds * (UNREADABLE + OUTSIDE + REFUSALS),
          entries.bad.size(),
          rounds,
          live.health().counter("consumed"));
    }
  }

  private static void addBad(SourceAndStore sides, String round) {
    String id = "'" + round + "-' || left(id, 50)";
    String longId = "'" + round + "-' || repeat(id, 18)";
    addBad(sides, id, "'NaN'", "\"timestamp\"", "side", round, UNREADABLE);
    addBad(sides, longId, "price", "\"timestamp\"", "side", round + "l", OUTSIDE / 2);
    addBad(sides, id, "price", "NULL", "side", round + "t", OUTSIDE / 2);
    addBad(sides, id, "price", "\"timestamp\"", "'" + REFUSED + "'", round + "r", REFUSALS);
  }

  private static void addBad(
      SourceAndStore sides,
      String id,
      String price,
      String second,
      String side,
      String salt,
      int count) {
    sides
        .source()
        .update(ADD_BAD.formatted(id.replace("-'", salt + "-'"), price, second, side), salt, count);
  }

  /** Some of the source's trades, in key order from a random second on. */
  private static List<Trade> some(SourceAndStore sides, Random random) {
    KeyRange range = KeyRange.from(SourceAndStore.T0 + random.nextInt(18_000));
    return PonderTradeSource.builder(sides.pool(sides.ponderUrl(), 1))
        .build()
        .page(range, PUBLISHED)
        .rows();
  }

  private static void assertListed(SourceAndStore sides, SyncEngine engine, int rounds) {
    List<FailedTrade> failed = engine.failedTrades(TradeKey.MIN, 10_000);
    assertThat(failed.stream().map(trade -> trade.key().id()).sorted().toList())
        .isEqualTo(
            sides
                .source()
                .texts(
                    "SELECT id FROM order_book_trades WHERE (price = 'NaN' OR side = '"
                        + REFUSED
                        + "') AND \"timestamp\" IS NOT NULL ORDER BY id COLLATE \"C\""));
    assertThat(failed).hasSize(rounds * (UNREADABLE + REFUSALS));
    assertThat(failed)
        .extracting(FailedTrade::reason)
        .allMatch(reason -> reason.contains("NaN") || reason.contains("not_refused"));
    assertThat(engine.rowsOutsideKeyOrder(null, 10_000).rows())
        .hasSize(rounds * OUTSIDE)
        .allMatch(
            row ->
                row.reason().equals("timestamp is null")
                    || row.reason().equals("id is over 1024 bytes long"));
    assertThat(engine.health().gaps().error())
        .isEqualTo(rounds * (UNREADABLE + REFUSALS + OUTSIDE));
    assertThat(engine.health().gaps().total()).isEqualTo(engine.health().gaps().error());
  }

  private static LiveConsumer consumer(RedisServer redis) {
    return LiveConsumer.builder(RedisURI.create(redis.uri()))
        .streams(STREAM, NO_STREAM)
        .consumerName("scattered")
        .deadLetterStream(DEAD)
        .blockTime(Duration.ofMillis(100))
        .maxRetryDelay(Duration.ofMillis(200))
        .build();
  }

  /** Entries that make no sense, and what became of them. */
  private static final class Entries implements AutoCloseable {
    final RedisClient client;
    final RedisCommands<String, String> commands;
    final Set<String> bad = new HashSet<>();

    Entries(RedisServer redis) {
      this.client = RedisClient.create(redis.uri());
      this.commands = client.connect().sync();
    }

    void addBad(Random random) {
      int number = bad.size();
      Map<String, String> body =
          switch (random.nextInt(4)) {
            case 0 -> Map.of("nothing", "of a trade");
            case 1 -> entry("m" + number, "twelve");
            case 2 -> entry("", "1");
            default -> entry("long" + number + "x".repeat(1_100), "1");
          };
      bad.add(commands.xadd(STREAM, body));
    }

    private static Map<String, String> entry(String id, String chain) {
      String second = String.valueOf(SourceAndStore.T0);
      return Map.of("id", id, "chain_id", chain, "timestamp", second, "pool_id", "p");
    }

    /** Whether everything that was added is acknowledged. */
    boolean areSettled() {
      return commands.xinfoGroups(STREAM).stream()
          .map(group -> group.toString())
          .allMatch(group -> group.contains("pending, 0") && group.contains("lag, 0"));
    }

    Set<String> dead() {
      Set<String> ids = new HashSet<>();
      commands
          .xrange(DEAD, Range.unbounded())
          .forEach(letter -> ids.add(letter.getBody().get("dead.id")));
      return ids;
    }

    @Override
    public void close() {
      client.shutdown();
    }
  }
}
