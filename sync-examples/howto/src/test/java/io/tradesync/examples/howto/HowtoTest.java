package io.tradesync.examples.howto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.lettuce.core.RedisURI;
import io.tradesync.Trade;
import io.tradesync.redis.TradePublisher;
import io.tradesync.redis.fixture.RedisServer;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the main method of each example. */
class HowtoTest {

  private static final String TRADES = "b,1754400060,1,pool,11,5\na,1754400000,1,pool,10,5\n";

  private SourceAndStore databases;
  private String source;
  private String store;

  @BeforeEach
  void create() {
    databases = new SourceAndStore();
    source = databases.sourceUrl();
    store = databases.storeUrl();
  }

  @AfterEach
  void drop() {
    databases.close();
  }

  @Test
  void closeAGap() {
    databases.addTrades(3);

    assertThat(StandardOutput.of(() -> CloseAGap.main(source, store)))
        .containsExactly("Sync completed: 3/3 trades processed");
    assertThat(databases.tradesInStore()).isEqualTo(3);
  }

  @Test
  void healthCheck() {
    assertThat(StandardOutput.of(() -> HealthCheck.main(source, store))).containsExactly("healthy");
    databases.addTrades(3);

    assertThat(StandardOutput.of(() -> HealthCheck.main(source, store)))
        .containsExactly("SYNC_RECOMMENDED: 3 missed trades, 2 minutes behind");
    assertThat(databases.tradesInStore()).isZero();
  }

  @Test
  void transactionalTableSink() {
    databases.addTrades(3);

    TransactionalTableSink.main(source, store);
    TransactionalTableSink.main(source, store);

    assertThat(databases.numberInStore("SELECT count(*) FROM my_trades")).isEqualTo(3);
  }

  @Test
  void positionSink() {
    databases.executeOnStore(PositionSinkTest.TABLES);
    databases.addTrades(3);
    PositionSink.main(source, store);
    databases.executeOnSource(
        "UPDATE order_book_trades SET \"timestamp\" = 7, quantity = 9 WHERE id = 'trade_3'");

    PositionSink.main(source, store);

    assertThat(databases.numberInStore("SELECT quantity FROM positions")).isEqualTo(19);
  }

  @Test
  void tableSink() {
    databases.executeOnStore(TableSinkTest.TABLE);
    databases.addTrades(3);
    TableSink.main(source, store);
    databases.executeOnSource(
        "UPDATE order_book_trades SET \"timestamp\" = 7 WHERE id = 'trade_3'");

    TableSink.main(source, store);

    assertThat(databases.numberInStore("SELECT count(*) FROM trades")).isEqualTo(3);
    assertThat(databases.numberInStore("SELECT min(second) FROM trades")).isEqualTo(7);
  }

  @Test
  void webhookSink() throws Exception {
    databases.addTrades(2);
    AtomicReference<String> posted = new AtomicReference<>();
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        call -> {
          posted.set(new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          call.sendResponseHeaders(204, -1);
          call.close();
        });
    receiver.start();
    try {
      WebhookSink.main(source, "http://127.0.0.1:" + receiver.getAddress().getPort());
    } finally {
      receiver.stop(0);
    }

    assertThat(posted.get()).contains("\"id\":\"trade_1\"", "\"id\":\"trade_2\"");
  }

  @Test
  void lambdaSink() {
    databases.addTrades(2);

    assertThat(StandardOutput.of(() -> LambdaSink.main(source)))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains("trade_"));
  }

  @Test
  void forceFromATime() {
    databases.addTrades(3);
    CloseAGap.main(source, store);
    databases.executeOnStore("UPDATE analytics_trades SET price = 0");

    ForceFromATime.main(
        source, store, Instant.ofEpochSecond(SourceAndStore.FIRST_SECOND).toString());

    assertThat(databases.numberInStore("SELECT count(*) FROM analytics_trades WHERE price > 0"))
        .isEqualTo(2);
  }

  @Test
  void automaticRecovery() throws Exception {
    try (RunningExample running = new RunningExample(() -> AutomaticRecovery.main(source, store))) {
      databases.addTrades(3);

      awaitTradesInStore(3);
    }
  }

  private void awaitTradesInStore(long count) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(databases.tradesInStore()).isEqualTo(count));
  }

  @Test
  void liveFromRedis() throws Exception {
    String redis = RedisServer.get().uri();
    String stream = "howto-" + UUID.randomUUID();
    databases.addTrades(3);
    try (RunningExample running =
            new RunningExample(() -> LiveFromRedis.main(source, store, redis, stream));
        TradePublisher publisher =
            TradePublisher.builder(RedisURI.create(redis)).stream(stream).build()) {
      awaitTradesInStore(3);

      publisher.publish(
          Trade.builder("live", Instant.now().getEpochSecond(), 1, "pool")
              .price(BigDecimal.ONE)
              .build());

      awaitTradesInStore(4);
    }
  }

  @Test
  void liveFromPonder() throws Exception {
    databases.addTrades(3);
    try (RunningExample running = new RunningExample(() -> LiveFromPonder.main(source, store))) {
      awaitTradesInStore(3);

      databases.executeOnSource(
          """
          INSERT INTO order_book_trades
          SELECT 'live', 1, 10, 5, max("timestamp") + 1, '0x', 'Buy', 'pool'
          FROM order_book_trades\
          """);

      // The listener may start to listen after the first notification.
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                databases.executeOnSource("NOTIFY public_live_query, '[\"order_book_trades\"]'");
                assertThat(databases.tradesInStore()).isEqualTo(4);
              });
    }
  }

  @Test
  void shard() throws Exception {
    databases.addTrades(3);
    databases.executeOnSource("UPDATE order_book_trades SET pool_id = 'b' WHERE id = 'trade_2'");
    String redis = RedisServer.get().uri();
    String stream = "howto-" + UUID.randomUUID();
    try (RunningExample running =
        new RunningExample(() -> Shard.main("pool", source, store, redis, stream))) {
      awaitTradesInStore(2);
    }
  }

  @Test
  void shards() throws Exception {
    databases.addTrades(3);
    String redis = RedisServer.get().uri();
    String stream = "howto-" + UUID.randomUUID();
    try (StandardOutput output = new StandardOutput();
        RunningExample running =
            new RunningExample(() -> Shards.main(source, redis, stream, "pool", store))) {
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(output.lines()).contains("healthy"));
      assertThat(databases.tradesInStore()).isEqualTo(3);
    }
  }

  @Test
  void lastSevenDays() {
    long now = Instant.now().getEpochSecond();
    databases.addTrades(1);
    databases.executeOnSource("UPDATE order_book_trades SET id = 'old'");
    databases.addTrades(2, now - Duration.ofDays(3).toSeconds());

    assertThat(StandardOutput.of(() -> LastSevenDays.main(source, store)))
        .containsExactly("Sync completed: 2/2 trades processed");
  }

  @Test
  void progressListener() {
    databases.addTrades(12);

    assertThat(StandardOutput.of(() -> ProgressListener.main(source, store)))
        .containsExactly(
            "12 trades to process",
            "Batch 1/3: Processed 5/12 trades (41.6%)",
            "Batch 2/3: Processed 10/12 trades (83.3%)",
            "Batch 3/3: Processed 12/12 trades (100%)",
            "Sync completed: 12/12 trades processed");
  }

  @Test
  void cancelAndResume() {
    databases.addTrades(12);

    assertThat(StandardOutput.of(() -> CancelAndResume.main(source, store)))
        .containsExactly(
            "Sync cancelled: 5/12 trades processed", "Sync completed: 7/7 trades processed");
  }

  @Test
  void csvTradeSource(@TempDir Path directory) throws Exception {
    String file = Files.writeString(directory.resolve("trades.csv"), TRADES).toString();

    assertThat(StandardOutput.of(() -> CsvTradeSource.main(file)))
        .containsExactly("Sync completed: 2/2 trades processed");
  }

  @Test
  void inMemoryParts() {
    assertThat(StandardOutput.of(InMemoryParts::main))
        .containsExactly("the sink holds 2 trades", "1 missed trade", "the sink holds 3 trades");
  }

  @Test
  void ownLiveFeed(@TempDir Path directory) throws Exception {
    String file = Files.writeString(directory.resolve("trades.csv"), TRADES).toString();
    try (StandardOutput output = new StandardOutput();
        RunningExample running = new RunningExample(() -> OwnLiveFeed.main(file, "1754400060"))) {
      await().untilAsserted(() -> assertThat(output.lines()).contains("(1754400060, b)"));
    }
  }
}
