package io.tradesync.examples.service.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.tradesync.Trade;
import io.tradesync.examples.service.embedded.EmbeddedServers;
import io.tradesync.examples.service.embedded.SampleData;
import io.tradesync.examples.service.http.DocumentedClient;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.examples.service.settings.StartException;
import io.tradesync.examples.service.verify.Candles;
import io.tradesync.examples.service.verify.Sql;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.redis.TradePublisher;
import io.tradesync.redis.fixture.RedisServer;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SyncServiceTest {

  private final Map<String, String> settings = new HashMap<>();
  private final String stream = "service-test-" + UUID.randomUUID();
  private PostgresServer.Database ponder;
  private PostgresServer.Database analytics;
  private Sql source;
  private Sql store;

  @BeforeEach
  void prepare() {
    ponder = PostgresServer.get().newDatabase();
    analytics = PostgresServer.get().newDatabase();
    SampleData.createTables(ponder.jdbcUrl());
    source = new Sql(ponder.jdbcUrl());
    store = new Sql(analytics.jdbcUrl());
    settings.put("PONDER_JDBC_URL", ponder.jdbcUrl());
    settings.put("ANALYTICS_JDBC_URL", analytics.jdbcUrl());
    settings.put("REDIS_URL", RedisServer.get().uri());
    settings.put("SYNC_STREAM", stream);
    settings.put("SYNC_HTTP_PORT", "0");
  }

  @AfterEach
  void drop() {
    ponder.close();
    analytics.close();
  }

  private SyncService start() {
    return SyncService.start(Settings.from(settings::get), SyncService.Options.DEFAULT);
  }

  private HttpResponse<String> get(SyncService service, String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(service.url() + path)).build();
    return DocumentedClient.send(request);
  }

  private HttpResponse<String> post(SyncService service, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(service.url() + path))
            .POST(BodyPublishers.noBody())
            .build();
    return DocumentedClient.send(request);
  }

  private long processed() {
    return store.number("SELECT count(*) FROM sync_log WHERE status = 'processed'");
  }

  @Test
  void aGapIsClosedOnRequest() throws Exception {
    SampleData.addTrades(ponder.jdbcUrl());
    try (SyncService service = start()) {
      assertThat(post(service, "/api/sync/run").body())
          .contains("Sync completed: 12/12 trades processed");
      assertThat(get(service, "/api/sync/health").body())
          .startsWith("{\"status\":\"healthy\"")
          .doesNotContain("sOf");
      assertThat(post(service, "/api/sync/audit").body()).contains("\"differing\":0");
      assertThat(get(service, "/api/sync/health").body())
          .containsPattern("\"candlesToRecompute\":0,\"storeDiffersAsOf\":\"20[^\"]+Z\",")
          .containsPattern("\"storeDiffersAsOfTimestamp\":1[0-9]{9}}$");
      assertThat(store.texts(Candles.STORED)).isEqualTo(source.texts(Candles.RECOMPUTED));
      assertThat(get(service, "/api/sync/pools?limit=1").body())
          .startsWith("{\"pools\":[{\"chainId\":")
          .contains("\"lengths\":[60,300,900,3600,86400]");
      assertCandlesOfEachPool(service);
    }
  }

  private void assertCandlesOfEachPool(SyncService service) throws Exception {
    long trades = 0;
    for (String pool :
        store.texts("SELECT DISTINCT chain_id || '&pool=' || pool_id FROM trade_candles")) {
      String answer = get(service, "/api/sync/candles?length=86400&chain=" + pool).body();
      Matcher count = Pattern.compile("\"trades\":(\\d+)").matcher(answer);
      while (count.find()) {
        trades += Long.parseLong(count.group(1));
      }
      assertThat(get(service, "/api/sync/candles?length=86400&from=0&chain=" + pool).body())
          .isEqualTo(answer);
    }
    assertThat(trades).isEqualTo(12);
  }

  @Test
  void aGapIsClosedByItself() {
    settings.put("SYNC_AUTO_INTERVAL", "PT1S");
    try (SyncService service = start()) {
      SampleData.addTrades(ponder.jdbcUrl());

      await().untilAsserted(() -> assertThat(processed()).isEqualTo(12));
    }
  }

  @Test
  void twoServicesThatShareAGroupAreBothTold() throws Exception {
    try (SyncService one = start();
        PostgresServer.Database other = PostgresServer.get().newDatabase()) {
      settings.put("ANALYTICS_JDBC_URL", other.jdbcUrl());
      try (SyncService two = start()) {
        for (SyncService service : List.of(one, two)) {
          await()
              .untilAsserted(
                  () ->
                      assertThat(get(service, "/api/sync/stats").body())
                          .contains("\"foreignConsumers\":1"));
        }
      }
    }
  }

  @Test
  void twoServicesWithGroupsOfTheirOwnAreNotReported() throws Exception {
    try (SyncService one = start();
        PostgresServer.Database other = PostgresServer.get().newDatabase()) {
      settings.put("ANALYTICS_JDBC_URL", other.jdbcUrl());
      settings.put("SYNC_GROUP", "other");
      try (SyncService two = start();
          TradePublisher publisher =
              TradePublisher.builder(RedisURI.create(RedisServer.get().uri())).stream(stream)
                  .build()) {
        publisher.publish(Trade.builder("t1", 1_754_400_000L, 1, "pool").build());
        for (SyncService service : List.of(one, two)) {
          await()
              .untilAsserted(
                  () ->
                      assertThat(get(service, "/api/sync/stats").body())
                          .contains("\"consumed\":1,", "\"foreignConsumers\":0"));
        }
      }
    }
  }

  @Test
  void tradesOfTheStreamAreWritten() throws Exception {
    try (SyncService service = start();
        TradePublisher publisher =
            TradePublisher.builder(RedisURI.create(RedisServer.get().uri())).stream(stream)
                .build()) {
      publisher.publish(
          Trade.builder("live", 1_754_400_000L, 31337, "pool").price(BigDecimal.ONE).build());

      await().untilAsserted(() -> assertThat(processed()).isEqualTo(1));
      await()
          .untilAsserted(
              () ->
                  assertThat(get(service, "/metrics").body())
                      .contains("tradesync_feed_up{feed=\"streams " + stream + "\"} 1.0"));
    }
  }

  @Test
  void hintsOfTheStreamLeadToTheSource() {
    settings.put("SYNC_STREAM_FORMAT", "hint");
    SampleData.addTrades(ponder.jdbcUrl());
    try (SyncService service = start()) {
      RedisClient redis = RedisClient.create(RedisServer.get().uri());
      try (var connection = redis.connect()) {
        connection
            .sync()
            .xadd(
                stream,
                Map.of(
                    "timestamp",
                    source.texts("SELECT min(\"timestamp\") FROM order_book_trades").get(0),
                    "tradeId",
                    source.texts("SELECT transaction_id FROM order_book_trades LIMIT 1").get(0)));
      } finally {
        redis.shutdown();
      }

      await().untilAsserted(() -> assertThat(processed()).isEqualTo(12));
    }
  }

  @Test
  void oneStreamAChainIsReadByPattern() {
    settings.put("SYNC_STREAM", stream + ":chain:*:trades");
    try (TradePublisher publisher =
            TradePublisher.builder(RedisURI.create(RedisServer.get().uri())).stream(
                    stream + ":chain:137:trades")
                .build();
        SyncService service = publishedTo(publisher)) {
      await().untilAsserted(() -> assertThat(processed()).isEqualTo(1));
    }
  }

  private SyncService publishedTo(TradePublisher publisher) {
    publisher.publish(
        Trade.builder("live", 1_754_400_000L, 31337, "pool").price(BigDecimal.ONE).build());
    return start();
  }

  @Test
  void aBlockThatPonderNotifiesIsWrittenWithoutAnyRedis() throws Exception {
    settings.put("REDIS_URL", "redis://127.0.0.1:1");
    settings.put("SYNC_PONDER_NOTIFY", "true");
    try (SyncService service = start()) {
      SampleData.addTrades(ponder.jdbcUrl());
      source.update("NOTIFY public_live_query, '[\"order_book_trades\"]'");
      await().untilAsserted(() -> assertThat(processed()).isEqualTo(12));
      assertThat(get(service, "/api/sync/runs").body()).contains("\"runs\":[]");
      await()
          .untilAsserted(
              () ->
                  assertThat(get(service, "/api/sync/stats").body())
                      .contains("\"live\":{\"up\":false,\"reason\":\"")
                      .contains(
                          "\"ponderNotify\":{\"up\":true,\"reason\":null,\"notifications\":1,"
                              + "\"readings\":1,\"losses\":0}"));
      assertThat(get(service, "/metrics").body())
          .contains(
              "tradesync_feed_up{feed=\"notifications public_live_query\"} 1.0",
              "tradesync_feed_events_total{event=\"notifications\",feed=\"notifications"
                  + " public_live_query\"} 1.0",
              "tradesync_feed_up{feed=\"streams " + stream + "\"} 0.0");
    }
  }

  @Test
  void whatTheStreamBroughtIsShown() throws Exception {
    try (SyncService service = start();
        RedisClient redis = RedisClient.create(RedisServer.get().uri());
        var connection = redis.connect();
        TradePublisher publisher =
            TradePublisher.builder(RedisURI.create(RedisServer.get().uri())).stream(stream)
                .build()) {
      publisher.publish(
          Trade.builder("live", Instant.now().getEpochSecond(), 31337, "pool")
              .price(BigDecimal.ONE)
              .build());
      connection.sync().xadd(stream, Map.of("id", "has nothing else"));

      await()
          .untilAsserted(
              () ->
                  assertThat(get(service, "/api/sync/stats").body())
                      .contains(
                          """
                          "live":{"up":true,"reason":null,"paused":false,"consumed":1,\
                          "malformed":1,"deadLetters":1,"trimmed":0,"unanswered":0,"claimed":0,\
                          "foreignConsumers":0,"losses":{"trimmed":0,"gone":0,"replaced":0,\
                          "restarted":0,"skipped":0},\
                          "pending":0,"oldestPendingSeconds":null,"lag":0,\
                          "streams":[{"name":"%s","up":true,"reason":null}],"asOf":"\
                          """
                              .formatted(stream))
                      .contains("},\"ponderNotify\":null,"));
      assertThat(get(service, "/metrics").body())
          .contains(
              "tradesync_feed_events_total{event=\"consumed\",feed=\"streams " + stream + "\"} 1.0",
              "tradesync_feed_events_total{event=\"deadLetters\",feed=\"streams "
                  + stream
                  + "\"} 1.0",
              "tradesync_live_latency_seconds_count{feed=\"streams " + stream + "\"} 1",
              "tradesync_feed_lag{feed=\"streams " + stream + "\"} 0.0",
              "tradesync_feed_oldest_pending_seconds{feed=\"streams " + stream + "\"} NaN");
    }
  }

  @Test
  void aRedisThatHangsOrIsGoneHoldsNoAnswerUp() throws Exception {
    try (RedisServer own = RedisServer.startPrivate()) {
      settings.put("REDIS_URL", own.uri());
      try (SyncService service = start();
          RedisClient redis = RedisClient.create(own.uri());
          var connection = redis.connect()) {
        await()
            .untilAsserted(
                () ->
                    assertThat(get(service, "/metrics").body())
                        .contains("tradesync_feed_up{feed=\"streams " + stream + "\"} 1.0"));

        connection.sync().clientPause(Duration.ofMinutes(1).toMillis());
        assertAnswersAtOnce(service);
        await()
            .atMost(Duration.ofSeconds(20))
            .untilAsserted(
                () -> {
                  assertAnswersAtOnce(service);
                  assertThat(get(service, "/metrics").body())
                      .contains("tradesync_feed_up{feed=\"streams " + stream + "\"} 0.0");
                });

        own.stop();
        assertAnswersAtOnce(service);
        assertThat(get(service, "/api/sync/stats").body())
            .contains("\"live\":{\"up\":false,\"reason\":\"");
      }
    }
  }

  private void assertAnswersAtOnce(SyncService service) throws Exception {
    for (String path : List.of("/api/sync/stats", "/metrics")) {
      long began = System.nanoTime();
      assertThat(get(service, path).statusCode()).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
    }
  }

  @Test
  void afterAnOutageTheGapIsClosedFirstAndThenTheStreamIsConsumed() throws Exception {
    settings.put("SYNC_AUTO_INTERVAL", "PT1H");
    SampleData.addTrades(ponder.jdbcUrl());
    try (SyncService service = start();
        TradePublisher publisher =
            TradePublisher.builder(RedisURI.create(RedisServer.get().uri())).stream(stream)
                .build()) {
      // A trade of now is taken from the stream; an old one would be asked of the source first.
      long now = Instant.now().getEpochSecond();
      publisher.publish(Trade.builder("live", now, 31337, "pool").price(BigDecimal.ONE).build());
      await().untilAsserted(() -> assertThat(processed()).isEqualTo(13));
      assertThat(get(service, "/api/sync/runs").body()).contains("12/12 trades processed");
    }
  }

  @Test
  void aRedisThatIsNotThereHoldsNothingUp() throws Exception {
    settings.put("REDIS_URL", "redis://127.0.0.1:1");
    SampleData.addTrades(ponder.jdbcUrl());
    try (SyncService service = start()) {
      assertThat(get(service, "/metrics").body())
          .contains("tradesync_feed_up{feed=\"streams " + stream + "\"} 0.0");
      assertThat(post(service, "/api/sync/run").body()).startsWith("{\"success\":true");
    }
  }

  @Test
  void onlyTradesFromTheBaselineOnCount() throws Exception {
    SampleData.addTrades(ponder.jdbcUrl());
    source.update("UPDATE order_book_trades SET \"timestamp\" = 5 WHERE id = 'sample_trade_1'");
    settings.put("SYNC_BASELINE", "6");
    try (SyncService service = start()) {
      assertThat(post(service, "/api/sync/run").body()).contains("11/11 trades processed");
    }
  }

  @Test
  void aTextThatPostgresCannotHoldIsTheFaultOfTheClient() throws Exception {
    try (SyncService service = start()) {
      assertThat(get(service, "/api/sync/errors?after=1:%00").statusCode()).isEqualTo(400);
      assertThat(get(service, "/api/sync/runs/a%00b").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void theGaugesAreRefreshedWithoutAnyCaller() {
    settings.put("SYNC_HEALTH_INTERVAL", "PT1S");
    SampleData.addTrades(ponder.jdbcUrl());
    try (SyncService service = start()) {
      await()
          .untilAsserted(
              () ->
                  assertThat(get(service, "/metrics").body())
                      .contains("tradesync_gaps{kind=\"missing\"} 12.0")
                      .containsPattern("tradesync_health_age_seconds \\d"));
    }
  }

  @Test
  void noSampleTradeGetsIntoAStoreOfTheUsers() throws Exception {
    settings.remove("PONDER_JDBC_URL");
    assertThatExceptionOfType(StartException.class)
        .isThrownBy(this::start)
        .withMessage(
            "PONDER_JDBC_URL must be set, since ANALYTICS_JDBC_URL is: trades of an embedded source"
                + " would be written there");
    assertThat(store.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).isZero();
  }

  @Test
  void aTokenIsAskedFor() throws Exception {
    settings.put("SYNC_API_TOKEN", "0123456789abcdef");
    try (SyncService service = start()) {
      assertThat(post(service, "/api/sync/run").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void whenBothDatabasesGoAwayTheServiceSaysSoInTime() throws Exception {
    EmbeddedServers servers = new EmbeddedServers();
    settings.put("PONDER_JDBC_URL", servers.postgresUrl("ponder"));
    settings.put("ANALYTICS_JDBC_URL", servers.postgresUrl("analytics"));
    SampleData.createTables(servers.postgresUrl("ponder"));
    try (SyncService service = start()) {
      assertThat(get(service, "/api/sync/health").statusCode()).isEqualTo(200);

      servers.close();

      long began = System.nanoTime();
      HttpResponse<String> health = get(service, "/api/sync/health");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
      assertThat(health.statusCode()).isEqualTo(503);
      assertThat(health.headers().firstValue("Content-Type")).hasValue("application/problem+json");
      assertThat(health.body())
          .containsPattern("\"side\":\"(source|store)\"")
          .doesNotContain("password");
      assertThat(post(service, "/api/sync/run").statusCode()).isEqualTo(503);
      assertThat(get(service, "/healthz").statusCode()).isEqualTo(200);
    } finally {
      servers.close();
    }
  }
}
