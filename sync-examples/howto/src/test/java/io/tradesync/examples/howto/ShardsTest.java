package io.tradesync.examples.howto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisURI;
import io.tradesync.GapCounts;
import io.tradesync.Trade;
import io.tradesync.jdbc.fixture.PrivatePostgres;
import io.tradesync.redis.TradePublisher;
import io.tradesync.redis.fixture.RedisServer;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowingConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two shards on two servers: whatever happens to one, the other goes on, and both are exact. */
class ShardsTest {

  private static final long T = SourceAndStore.FIRST_SECOND;
  private static final Duration SOON = Duration.ofSeconds(60);

  // What a pool's store must hold, and what it holds.
  private static final String TRADES =
      """
      select coalesce(string_agg(concat_ws(' ', %s, price, quantity), ', ' order by %1$s), '')
      from %s where pool_id = '%s'\
      """;
  private static final String OTHERS =
      "select count(*) from analytics_trades where pool_id <> '%s'";

  // Of each length: the candles' trades and volume against the trades themselves.
  private static final String WRONG_CANDLES =
      """
      select count(*) from (
        select bucket_seconds from trade_candles group by bucket_seconds
        having sum(trades) <> (select count(*) from analytics_trades)
          or sum(volume) <> (select sum(quantity) from analytics_trades)) as wrong\
      """;

  private static String text(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private static void isExact(SourceAndStore databases, String pool, String store)
      throws SQLException {
    assertThat(text(store, TRADES.formatted("trade_id", "analytics_trades", pool)))
        .isEqualTo(text(databases.sourceUrl(), TRADES.formatted("id", "order_book_trades", pool)));
    assertThat(text(store, OTHERS.formatted(pool))).isEqualTo("0");
    assertThat(text(store, WRONG_CANDLES)).isEqualTo("0");
  }

  private static void eventually(ThrowingConsumer<Object> check) {
    await().atMost(SOON).ignoreExceptions().untilAsserted(() -> check.accept(null));
  }

  private static void addTrades(SourceAndStore databases, int first, int last) {
    databases.executeOnSource(
        String.format(
            Locale.ROOT,
            """
            insert into order_book_trades
            select 'trade_' || n || pool, 1, 10 + n, 5, %d + n * 20, '0x' || n, 'Buy', pool
            from generate_series(%d, %d) n, unnest(array['a', 'b']) pool\
            """,
            T,
            first,
            last));
  }

  private static Trade live(int n, String pool) {
    return Trade.builder("trade_" + n + pool, T + n * 20L, 1, pool)
        .price(BigDecimal.valueOf(10 + n))
        .quantity(BigDecimal.valueOf(5))
        .transactionId("0x" + n)
        .side("Buy")
        .build();
  }

  @Test
  void aStoreThatIsDownHoldsUpNoOtherAndBothAreExact() {
    String redis = RedisServer.get().uri();
    String stream = "shards-" + UUID.randomUUID();
    try (SourceAndStore databases = new SourceAndStore();
        PrivatePostgres second = PrivatePostgres.start();
        TradePublisher publisher =
            TradePublisher.builder(RedisURI.create(redis)).stream(stream).build()) {
      String storeOfA = databases.storeUrl();
      String storeOfB = second.newDatabase("shard_b");
      addTrades(databases, 1, 50);
      second.crash();
      try (Shards shards =
          new Shards(
              databases.sourceUrl(),
              redis,
              stream,
              new TreeMap<>(Map.of("a", storeOfA, "b", storeOfB)))) {

        // One store is down at the start.
        eventually(unused -> isExact(databases, "a", storeOfA));
        assertThat(shards.health().down()).containsExactly("b");
        second.startAgain();
        eventually(unused -> isExact(databases, "b", storeOfB));
        eventually(unused -> assertThat(shards.health().isHealthy()).isTrue());

        // It goes down while both are live.
        addTrades(databases, 51, 60);
        publisher.publish(live(51, "a"));
        publisher.publish(live(51, "b"));
        second.crash();
        addTrades(databases, 61, 80);
        for (int n = 61; n <= 80; n++) {
          publisher.publish(live(n, "a"));
          publisher.publish(live(n, "b"));
        }
        databases.executeOnSource("delete from order_book_trades where id = 'trade_3b'");
        eventually(unused -> isExact(databases, "a", storeOfA));
        Shards.Health health = shards.health();
        assertThat(health.down()).containsExactly("b");
        assertThat(health.gaps()).isEqualTo(GapCounts.NONE);

        second.startAgain();
        databases.executeOnSource(
            String.format(
                Locale.ROOT,
                "insert into order_book_trades select 'trade_3b', 1, 13, 5, %d, '0x3', 'Buy', 'b'",
                T + 60));
        eventually(unused -> isExact(databases, "b", storeOfB));
        eventually(unused -> assertThat(shards.health().isHealthy()).isTrue());
        isExactNow(databases, List.of("a", "b"), List.of(storeOfA, storeOfB));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @Tag("long")
  void aStoreThatIsDownForAMinuteHoldsUpNoLiveTradeOfTheOther() throws Exception {
    String redis = RedisServer.get().uri();
    String stream = "shards-" + UUID.randomUUID();
    try (SourceAndStore databases = new SourceAndStore();
        PrivatePostgres second = PrivatePostgres.start();
        TradePublisher publisher =
            TradePublisher.builder(RedisURI.create(redis)).stream(stream).build()) {
      String storeOfA = databases.storeUrl();
      String storeOfB = second.newDatabase("shard_b");
      addTrades(databases, 1, 50);
      try (Shards shards =
          new Shards(
              databases.sourceUrl(),
              redis,
              stream,
              new TreeMap<>(Map.of("a", storeOfA, "b", storeOfB)))) {
        eventually(unused -> isExact(databases, "a", storeOfA));
        eventually(unused -> isExact(databases, "b", storeOfB));

        second.crash();
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        int last = 50;
        while (System.nanoTime() < end) {
          last++;
          addTrades(databases, last, last);
          publisher.publish(live(last, "a"));
          publisher.publish(live(last, "b"));
          await()
              .atMost(Duration.ofSeconds(20))
              .ignoreExceptions()
              .untilAsserted(() -> isExact(databases, "a", storeOfA));
          TimeUnit.MILLISECONDS.sleep(200);
        }
        assertThat(shards.health().down()).containsExactly("b");

        second.startAgain();
        addTrades(databases, last + 1, last + 1);
        publisher.publish(live(last + 1, "a"));
        publisher.publish(live(last + 1, "b"));
        eventually(unused -> isExact(databases, "b", storeOfB));
        eventually(unused -> isExact(databases, "a", storeOfA));
        eventually(unused -> assertThat(shards.health().isHealthy()).isTrue());
      }
    }
  }

  private static void isExactNow(SourceAndStore databases, List<String> pools, List<String> stores)
      throws SQLException {
    for (int i = 0; i < pools.size(); i++) {
      isExact(databases, pools.get(i), stores.get(i));
    }
  }
}
