package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisURI;
import io.tradesync.KeyRange;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.redis.EntryDecoder;
import io.tradesync.redis.LiveConsumer;
import io.tradesync.redis.TradePublisher;
import io.tradesync.redis.fixture.RedisServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Redis goes down, comes back, forgets everything, or cannot be reached, while trades come. */
class RedisFaultsTest {

  private static final int TRADES_A_ROUND = 60;

  @Test
  void fewFaults() throws Exception {
    disturb(3, "few faults of Redis");
  }

  @Tag("long")
  @Test
  void fiftyFaults() throws Exception {
    disturb(50, "fifty faults of Redis");
  }

  private static void disturb(int faults, String purpose) throws Exception {
    Random random = RandomSeed.random(purpose);
    try (RedisServer redis = RedisServer.startPrivate();
        FaultyProxy proxy = new FaultyProxy(address(redis), random.nextLong());
        SourceAndStore sides = SourceAndStore.create();
        SyncEngine engine = sides.engine().build();
        TradePublisher publisher =
            TradePublisher.builder(RedisURI.create(redis.uri())).stream("trades").build();
        LiveConsumer live = consumer(proxy)) {
      live.start(engine);
      for (int done = 0; done < faults; done++) {
        sides.addTrades(TRADES_A_ROUND);
        List<Trade> trades = newTrades(sides);
        publishSome(publisher, trades.subList(0, TRADES_A_ROUND / 2));
        switch (done % 3) {
          case 0 -> redis.restart();
          case 1 -> redis.flush();
          default -> {
            proxy.refuse(true);
            await().until(() -> !live.health().up());
            proxy.refuse(false);
          }
        }
        publishSome(publisher, trades.subList(TRADES_A_ROUND / 2, TRADES_A_ROUND));
        // What the live path lost it has asked a run for, which may be under way.
        assertThat(RepeatedRuns.untilSuccess(engine::run).errors()).isZero();
        sides.assertEqual();
      }
      sides.addTrades(1);
      publisher.publish(newTrades(sides));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  sides.store().number("SELECT count(*) FROM sync_log WHERE run_id = ''") > 0
                      && engine.health().isHealthy());
      live.close();
      engine.close();
      sides.assertEqual();
      sides.assertRunHistory();
      System.out.printf(
          "seed %d: %d faults of Redis; %d entries came by the live path%n",
          RandomSeed.value(), faults, live.health().counter("consumed"));
    }
  }

  private static InetSocketAddress address(RedisServer redis) {
    RedisURI uri = RedisURI.create(redis.uri());
    return new InetSocketAddress(uri.getHost(), uri.getPort());
  }

  private static LiveConsumer consumer(FaultyProxy proxy) {
    return LiveConsumer.builder(RedisURI.create("redis://127.0.0.1:" + proxy.port()))
        .streams("trades")
        .consumerName("fault-test")
        .decoder(EntryDecoder.trades())
        .blockTime(Duration.ofMillis(100))
        .maxRetryDelay(Duration.ofMillis(200))
        .build();
  }

  /** The trades that the store does not hold yet, as the source has them. */
  private static List<Trade> newTrades(SourceAndStore sides) {
    Set<String> known = Set.copyOf(sides.store().texts("SELECT trade_id FROM sync_log"));
    return PonderTradeSource.builder(sides.pool(sides.ponderUrl(), 1))
        .build()
        .page(KeyRange.all(), Integer.MAX_VALUE)
        .rows()
        .stream()
        .filter(trade -> !known.contains(trade.id()))
        .toList();
  }

  /** Publishes until Redis refuses: what was not published is the next run's. */
  private static void publishSome(TradePublisher publisher, List<Trade> trades) {
    try {
      publisher.publish(trades);
    } catch (RuntimeException e) {
      // As an indexer does: an error of the stream never holds up the indexing.
    }
  }
}
