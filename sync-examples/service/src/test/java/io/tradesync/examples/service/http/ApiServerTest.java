package io.tradesync.examples.service.http;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.BadTradesException;
import io.tradesync.spi.FeedHealth;
import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.SinkUnavailableException;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TradeSource;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiServerTest {

  private static final long T0 = 1_754_400_000L;
  private static final FeedHealth LIVE =
      streams(
          null,
          true,
          new FeedHealth.Backlog(10L, 8L, Duration.ofMillis(9_500), Instant.ofEpochSecond(T0)),
          List.of(1L, 2L, 3L, 4L, 5L, 6L, 14L),
          List.of(7L, 0L, 0L, 1L, 0L));
  private static final FeedHealth NOTIFY =
      new FeedHealth(
          "notifications",
          "gone",
          false,
          List.of(),
          FeedHealth.Backlog.UNKNOWN,
          Map.of("notifications", 11L, "readings", 12L),
          Map.of("unheard", 13L));
  private static final String ANY_RUN_ID = "\"runId\":\"[^\"]+\"}";

  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final List<AutoCloseable> open = new ArrayList<>();
  private URI publicUrl;
  private ApiServer server;

  private static FeedHealth streams(
      String reason,
      boolean paused,
      FeedHealth.Backlog backlog,
      List<Long> counters,
      List<Long> losses) {
    return new FeedHealth(
        "streams",
        reason,
        paused,
        List.of(
            new FeedHealth.Channel("trades", null),
            new FeedHealth.Channel("chain:1:trades", "this user lacks a right")),
        backlog,
        named(
            counters,
            "consumed",
            "malformed",
            "deadLetters",
            "trimmed",
            "unanswered",
            "claimed",
            "foreignConsumers"),
        named(losses, "trimmed", "gone", "replaced", "restarted", "skipped"));
  }

  private static Map<String, Long> named(List<Long> values, String... names) {
    Map<String, Long> byName = new LinkedHashMap<>();
    for (int i = 0; i < names.length; i++) {
      byName.put(names[i], values.get(i));
    }
    return byName;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : open) {
      closeable.close();
    }
  }

  private void serve(TradeSource from, AnalyticsSink sink, String token) {
    serve(from, sink, token, new RunMonitor(() -> LIVE, () -> NOTIFY));
  }

  private void serve(TradeSource from, AnalyticsSink sink, String token, RunMonitor monitor) {
    SyncEngineBuilder builder =
        SyncEngine.builder()
            .source(from)
            .log(new InMemorySyncLog())
            .sink(sink)
            .retryDelay(Duration.ofMillis(1));
    monitor.listenTo(builder);
    SyncEngine engine = builder.build();
    server =
        new ApiServer(
            engine, monitor, CandleReader.NONE, new Guard("127.0.0.1", true, token, publicUrl));
    server.start("127.0.0.1", 0);
    open.add(server);
    open.add(engine);
  }

  private void serve() {
    serve(source, new InMemorySink(), null);
  }

  private static Trade trade(int number) {
    return Trade.builder("trade_" + number, T0 + number * 60L, 1, "pool")
        .price(BigDecimal.TEN)
        .quantity(BigDecimal.ONE)
        .build();
  }

  private void putTrades(int count) {
    source.putAll(IntStream.range(0, count).mapToObj(ApiServerTest::trade).toList());
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return DocumentedClient.send(request.build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(request(path).GET());
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return send(request(path).POST(BodyPublishers.ofString(body)));
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String... parts) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.body())
        .startsWith("{\"type\":\"about:blank\",\"title\":\"")
        .contains("\"status\":" + status);
    for (String part : parts) {
      assertThat(answer.body()).contains(part);
    }
  }

  @Test
  void healthHasItsFieldsInOrder() throws Exception {
    putTrades(3);
    serve();

    HttpResponse<String> answer = get("/api/sync/health");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(answer.body())
        .isEqualTo(
            """
            {"status":"unhealthy","isHealthy":false,"lagMinutes":2,\
            "lastPonderTimestamp":1754400120,"lastAnalyticsTimestamp":null,\
            "recommendation":"SYNC_RECOMMENDED","missedTrades":3,\
            "gaps":{"missing":3,"error":0,"changed":0,"orphaned":0},"verified":null,\
            "retainedSince":null,"accepted":0,"kept":0,"storeDiffers":0,"candlesToRecompute":0,\
            "lastPonderTime":"2025-08-05T13:22:00Z","lastAnalyticsTime":null,\
            "retainedSinceTime":null}\
            """);
  }

  @Test
  void theLastKnownHealthIsAnsweredWithItsTimeAndWithoutAComparison() throws Exception {
    putTrades(3);
    AtomicBoolean gone = new AtomicBoolean();
    serve(failing(gone), new InMemorySink(), null);
    assertThat(get("/api/sync/health?known=true").body())
        .contains("\"candlesToRecompute\":0,\"lastPonderTime\"")
        .doesNotContain("asOf");
    gone.set(true);

    assertThat(get("/api/sync/health?known=true").body())
        .contains("\"missedTrades\":3")
        .containsPattern(
            "\"candlesToRecompute\":0,\"asOf\":\"20[^\"]+Z\",\"lastPonderTime\":\"2025-08-05T13:22:00Z\""
                + ".*,\"asOfTimestamp\":1[0-9]{9}}$");
    assertProblem(get("/api/sync/health"), 503);
    assertProblem(get("/api/sync/health?known=perhaps"), 400, "\"field\":\"known\"");
  }

  @Test
  void healthIsComputedInTheBackgroundAndSaysIfThatFailed() throws Exception {
    putTrades(3);
    AtomicBoolean gone = new AtomicBoolean();
    serve(failing(gone), new InMemorySink(), null);
    assertThat(get("/api/sync/health?known=true&refresh=true").body())
        .contains("\"missedTrades\":3")
        .doesNotContain("problem");

    putTrades(5);
    await()
        .untilAsserted(
            () ->
                assertThat(get("/api/sync/health?known=true&refresh=true").body())
                    .contains("\"missedTrades\":5", "\"asOf\":\""));
    gone.set(true);
    await()
        .untilAsserted(
            () ->
                assertThat(get("/api/sync/health?known=true&refresh=true").body())
                    .contains("\"missedTrades\":5")
                    .containsPattern("\"problem\":\"[^\"]*cable cut\""));
    assertProblem(get("/api/sync/health?refresh=true"), 503, "cable cut");
    gone.set(false);
    await()
        .untilAsserted(
            () ->
                assertThat(get("/api/sync/health?known=true&refresh=true").body())
                    .doesNotContain("problem"));
    assertProblem(get("/api/sync/health?refresh=perhaps"), 400, "\"field\":\"refresh\"");
  }

  @Test
  void statsShowTheRunUnderWayAndHowTheLastOneEnded() throws Exception {
    putTrades(120);
    CountDownLatch blocked = new CountDownLatch(1);
    serve(source, batch -> blocked.await(), null);

    String runId = field(post("/api/sync/run?async=true", "").body(), "runId");
    await()
        .untilAsserted(
            () ->
                assertThat(get("/api/sync/stats").body())
                    .contains(
                        "\"run\":{\"runId\":\"%s\",\"batch\":0,\"batches\":0,\"processed\":0,\"errors\":0,\"total\":120,"
                            .formatted(runId),
                        "\"lastResult\":null"));
    blocked.countDown();
    await()
        .untilAsserted(
            () ->
                assertThat(get("/api/sync/stats").body())
                    .contains(
                        "\"run\":null,\"lastResult\":{\"success\":true,",
                        "\"message\":\"Sync completed: 120/120 trades processed\"")
                    .containsPattern("\"runId\":\"" + runId + "\"}"));
  }

  @Test
  void runAnswersWithItsFieldsInOrderAndIsListed() throws Exception {
    putTrades(3);
    serve();

    HttpResponse<String> answer = post("/api/sync/run", "");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .matches(
            "\\{\"success\":true,\"message\":\"Sync completed: 3/3 trades processed\","
                + "\"processed\":3,\"errors\":0,\"total\":3,\"duration\":\\d+,"
                + ANY_RUN_ID);
    String runId = field(answer.body(), "runId");
    assertThat(get("/api/sync/runs?limit=1").body())
        .startsWith("{\"runs\":[{\"runId\":\"" + runId + "\",\"kind\":\"run\",")
        .contains("\"outcome\":\"completed\"");
    assertThat(get("/api/sync/runs/" + runId).body()).contains("\"processed\":3");
    assertThat(get("/api/sync/stats").body()).contains("\"runs\":1,\"processed\":3,\"errors\":0");
    assertThat(get("/metrics").body()).contains("tradesync_trades_processed_total 3.0");
  }

  @Test
  void statsShowHowEachLivePathIsDoing() throws Exception {
    serve();

    String stats = get("/api/sync/stats").body();
    assertThat(stats)
        .endsWith(
            String.format(
                Locale.ROOT,
                """
                "live":{"up":true,"reason":null,"paused":true,"consumed":1,"malformed":2,\
                "deadLetters":3,"trimmed":4,"unanswered":5,"claimed":6,"foreignConsumers":14,\
                "losses":{"trimmed":7,"gone":0,"replaced":0,"restarted":1,"skipped":0},\
                "pending":8,"oldestPendingSeconds":9,"lag":10,\
                "streams":[{"name":"trades","up":true,"reason":null},\
                {"name":"chain:1:trades","up":false,"reason":"this user lacks a right"}],\
                "asOf":"2025-08-05T13:20:00Z","asOfTimestamp":1754400000},\
                "ponderNotify":{"up":false,"reason":"gone","notifications":11,"readings":12,\
                "losses":13},\
                "activity":{"workersBusy":0,"retries":0,"healthy":null,"healthySince":null,"asOf":null,\
                "healthySinceTimestamp":null,"asOfTimestamp":null},"run":null,"lastResult":null,\
                "sinceTimestamp":%d}\
                """,
                second(field(stats, "since"))));
  }

  @Test
  void metricsShowHowEachLivePathIsDoing() throws Exception {
    serve();

    assertThat(livePaths(get("/metrics").body()))
        .containsExactlyInAnyOrder(
            "tradesync_feed_up{feed=\"streams\"} 1.0",
            "tradesync_feed_paused{feed=\"streams\"} 1.0",
            "tradesync_feed_channels{feed=\"streams\"} 2.0",
            "tradesync_feed_channels_down{feed=\"streams\"} 1.0",
            "tradesync_feed_lag{feed=\"streams\"} 10.0",
            "tradesync_feed_pending{feed=\"streams\"} 8.0",
            "tradesync_feed_oldest_pending_seconds{feed=\"streams\"} 9.5",
            "tradesync_feed_events_total{event=\"consumed\",feed=\"streams\"} 1.0",
            "tradesync_feed_events_total{event=\"malformed\",feed=\"streams\"} 2.0",
            "tradesync_feed_events_total{event=\"deadLetters\",feed=\"streams\"} 3.0",
            "tradesync_feed_events_total{event=\"trimmed\",feed=\"streams\"} 4.0",
            "tradesync_feed_events_total{event=\"unanswered\",feed=\"streams\"} 5.0",
            "tradesync_feed_events_total{event=\"claimed\",feed=\"streams\"} 6.0",
            "tradesync_feed_events_total{event=\"foreignConsumers\",feed=\"streams\"} 14.0",
            "tradesync_feed_losses_total{feed=\"streams\",kind=\"skipped\"} 0.0",
            "tradesync_feed_losses_total{feed=\"streams\",kind=\"trimmed\"} 7.0",
            "tradesync_feed_losses_total{feed=\"streams\",kind=\"gone\"} 0.0",
            "tradesync_feed_losses_total{feed=\"streams\",kind=\"replaced\"} 0.0",
            "tradesync_feed_losses_total{feed=\"streams\",kind=\"restarted\"} 1.0",
            "tradesync_feed_up{feed=\"notifications\"} 0.0",
            "tradesync_feed_paused{feed=\"notifications\"} 0.0",
            "tradesync_feed_channels{feed=\"notifications\"} 0.0",
            "tradesync_feed_channels_down{feed=\"notifications\"} 0.0",
            "tradesync_feed_lag{feed=\"notifications\"} NaN",
            "tradesync_feed_pending{feed=\"notifications\"} NaN",
            "tradesync_feed_oldest_pending_seconds{feed=\"notifications\"} NaN",
            "tradesync_feed_events_total{event=\"notifications\",feed=\"notifications\"} 11.0",
            "tradesync_feed_events_total{event=\"readings\",feed=\"notifications\"} 12.0",
            "tradesync_feed_losses_total{feed=\"notifications\",kind=\"unheard\"} 13.0");
  }

  private static Stream<String> livePaths(String metrics) {
    return metrics.lines().filter(line -> line.startsWith("tradesync_feed_"));
  }

  @Test
  void whatALivePathDoesNotKnowIsNull() throws Exception {
    FeedHealth unknown =
        streams(
            "not started",
            false,
            FeedHealth.Backlog.UNKNOWN,
            Collections.nCopies(7, 0L),
            Collections.nCopies(5, 0L));
    serve(source, new InMemorySink(), null, new RunMonitor(() -> unknown, null));

    String stats = get("/api/sync/stats").body();
    assertThat(stats)
        .contains("\"live\":{\"up\":false,\"reason\":\"not started\",")
        .endsWith(
            "\"pending\":null,\"oldestPendingSeconds\":null,\"lag\":null,\"streams\":["
                + "{\"name\":\"trades\",\"up\":true,\"reason\":null},{\"name\":\"chain:1:trades\",\"up\":false,\"reason\":\"this"
                + " user lacks a"
                + " right\"}],\"asOf\":null,\"asOfTimestamp\":null},\"ponderNotify\":null,"
                + "\"activity\":{\"workersBusy\":0,\"retries\":0,\"healthy\":null,\"healthySince\":null,"
                + "\"asOf\":null,\"healthySinceTimestamp\":null,\"asOfTimestamp\":null},"
                + "\"run\":null,\"lastResult\":null,\"sinceTimestamp\":"
                + second(field(stats, "since"))
                + "}");
    assertThat(livePaths(get("/metrics").body()))
        .contains(
            "tradesync_feed_pending{feed=\"streams\"} NaN",
            "tradesync_feed_oldest_pending_seconds{feed=\"streams\"} NaN",
            "tradesync_feed_lag{feed=\"streams\"} NaN")
        .noneMatch(line -> line.contains("notifications"));
  }

  @Test
  void forceReprocessesWhatIsStrictlyLater() throws Exception {
    putTrades(3);
    serve();
    post("/api/sync/run", "{}");

    HttpResponse<String> answer = post("/api/sync/force", "{\"fromTimestamp\": " + T0 + "}");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"message\":\"Sync completed: 2/2 trades processed\"");
    assertThat(get("/api/sync/runs").body())
        .contains("\"kind\":\"force\"", "\"fromTimestamp\":" + T0);
  }

  @Test
  void aForceOfSomePoolsUpToATimeIsShownInTheHistory() throws Exception {
    putTrades(5);
    serve();
    post("/api/sync/run", "{}");

    HttpResponse<String> answer =
        post(
            "/api/sync/force",
            String.format(
                Locale.ROOT,
                "{\"fromTimestamp\":%d,\"toTimestamp\":%d,\"chains\":[1,7],\"pools\":[\"pool\"],"
                    + "\"maxTradesPerSecond\":1000000,\"maxDuration\":\"PT1H\"}",
                T0,
                T0 + 120));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"message\":\"Sync completed: 2/2 trades processed\"");
    assertThat(get("/api/sync/runs").body())
        .contains("\"toTimestamp\":" + (T0 + 120), "\"chains\":[1,7]", "\"pools\":[\"pool\"]");
    assertThat(post("/api/sync/force", "{\"fromTimestamp\":1,\"pools\":[\"other\"]}").body())
        .contains("Sync completed: 0/0");
  }

  @Test
  void aRunWhoseTimeIsOverSaysSo() throws Exception {
    putTrades(3);
    serve();
    HttpResponse<String> answer = post("/api/sync/run", "{\"maxDuration\":\"PT0.000000001S\"}");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .contains("\"success\":false", "Sync cancelled, maxDuration PT0.000000001S reached: 0/");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "''; fromTimestamp",
        "{}; fromTimestamp",
        "{\"fromTimestamp\": \"1754400000\"}; fromTimestamp",
        "{\"fromTimestamp\": 1754400000.5}; fromTimestamp",
        "{\"fromTimestamp\": null}; fromTimestamp",
        "{\"fromTimestamp\": -1}; fromTimestamp",
        "{\"fromTimestamp\": 1754400000000}; fromTimestamp",
        "{\"fromTimestamp\": 99999999999999999999999}; fromTimestamp",
        "{\"fromTimestamp\": 1, \"force\": true}; force",
        "{\"fromTimestamp\": 1, \"toTimestamp\": 1}; toTimestamp",
        "{\"fromTimestamp\": 1, \"toTimestamp\": \"now\"}; toTimestamp",
        "{\"fromTimestamp\": 1, \"toTimestamp\": 1754400000000}; toTimestamp",
        "{\"fromTimestamp\": 1, \"chains\": 1}; chains",
        "{\"fromTimestamp\": 1, \"chains\": []}; chains",
        "{\"fromTimestamp\": 1, \"chains\": [\"1\"]}; chains",
        "{\"fromTimestamp\": 1, \"pools\": [1]}; pools",
        "{\"fromTimestamp\": 1, \"pools\": [\"\"]}; pools",
        "{\"fromTimestamp\": 1, \"pools\": \"0xpool\"}; pools",
        "{\"fromTimestamp\": 1, \"maxTradesPerSecond\": 0}; maxTradesPerSecond",
        "{\"fromTimestamp\": 1, \"maxTradesPerSecond\": 0.5}; maxTradesPerSecond",
        "{\"fromTimestamp\": 1, \"maxDuration\": \"ten minutes\"}; maxDuration",
        "{\"fromTimestamp\": 1, \"maxDuration\": \"PT0S\"}; maxDuration",
        "{\"fromTimestamp\": 1, \"maxDuration\": 600}; maxDuration",
        "{\"fromTimestamp\": 1, \"fromTimestamp\": 2}; body",
        "{\"fromTimestamp\": 1} {}; body",
        "[1]; body",
        "fromTimestamp=1; body",
      })
  void aBadForceIsRefusedByTheFieldsName(String body, String field) throws Exception {
    putTrades(3);
    serve();

    assertProblem(post("/api/sync/force", body), 400, "\"field\":\"" + field + "\"");
    assertThat(get("/api/sync/runs").body()).isEqualTo("{\"runs\":[]}");
  }

  @ParameterizedTest
  @CsvSource({
    "audit, 1",
    "allowMassRetraction, null",
    "other, true",
    "maxTradesPerSecond, null",
    "maxDuration, -1",
    "toTimestamp, 1",
    "pools, null"
  })
  void aBadFieldOfARunIsRefusedByItsName(String field, String value) throws Exception {
    serve();

    assertProblem(
        post("/api/sync/run", "{\"" + field + "\": " + value + "}"),
        400,
        "\"field\":\"" + field + "\"");
    assertThat(get("/api/sync/runs").body()).isEqualTo("{\"runs\":[]}");
  }

  @Test
  void anAuditNamesTheGapsAndChangesNothing() throws Exception {
    putTrades(3);
    serve();

    HttpResponse<String> answer = post("/api/sync/audit", "");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .matches(
            "\\{\"runId\":\"[^\"]+\",\"gaps\":\\{\"missing\":3,\"error\":0,\"changed\":0,"
                + "\"orphaned\":0},\"ranges\":\\[\\{\"kind\":\"missing\",\"trades\":3,"
                + "\"firstTimestamp\":\\d+,\"firstId\":\"[^\"]+\",\"lastTimestamp\":\\d+,"
                + "\"lastId\":\"[^\"]+\",\"position\":\"tail\",\"reason\":null,"
                + "\"firstTime\":\"2025-08-05T13:20:00Z\",\"lastTime\":\"2025-08-05T13:22:00Z\"}],"
                + "\"complete\":true,\"duration\":\\d+,\"belowRetention\":null,"
                + "\"store\":\\{\"differing\":0,\"ranges\":\\[],\"complete\":true,\"notJudged\":0}}");
    assertThat(get("/api/sync/runs").body()).contains("\"kind\":\"audit\"");
    assertThat(get("/api/sync/health").body()).contains("\"missedTrades\":3");
    assertProblem(post("/api/sync/audit", "{\"from\":1}"), 400, "\"field\":\"from\"");
  }

  @Test
  void aRunCanCompareEverythingFirst() throws Exception {
    putTrades(3);
    serve();

    assertThat(post("/api/sync/run", "{\"audit\":true,\"allowMassRetraction\":true}").body())
        .startsWith("{\"success\":true,\"message\":\"Sync completed: 3/3 trades processed\"");
  }

  @ParameterizedTest
  @CsvSource({
    "/api/sync/runs?limit=0, limit",
    "/api/sync/runs?limit=1001, limit",
    "/api/sync/errors?limit=ten, limit",
    "/api/sync/errors?after=trade_A, after",
  })
  void badParametersAreRefused(String path, String field) throws Exception {
    serve();

    assertProblem(get(path), 400, "\"field\":\"" + field + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "/api/sync/errors?after=1:%00, 400",
    "/api/sync/errors?after=1:a%00b, 400",
    "/api/sync/errors?after=%00:a, 400",
    "/api/sync/runs/a%01b, 404",
  })
  void controlCharactersAreTheFaultOfTheClient(String path, int status) throws Exception {
    serve();

    assertProblem(get(path), status);
  }

  @Test
  void aProblemIsWrittenInUtf8() throws Exception {
    serve();

    assertProblem(get("/api/sync/runs/gr%C3%B6%C3%9Fer%E2%82%AC"), 404, "größer€");
  }

  @ParameterizedTest
  @CsvSource({"GET, POST, 405", "POST, GET, 200", "GET, DELETE, 405"})
  void aHeaderDoesNotChangeTheMethod(String method, String override, int status) throws Exception {
    putTrades(1);
    serve();

    HttpResponse<String> answer =
        send(
            request("/api/sync/run")
                .header("X-HTTP-Method-Override", override)
                .method(method, BodyPublishers.noBody()));

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(get("/api/sync/runs").body().contains("\"kind\":\"run\""))
        .isEqualTo(method.equals("POST"));
  }

  @Test
  void whatIsNotThereIsAProblemToo() throws Exception {
    serve();

    assertProblem(get("/api/sync/runs/unknown"), 404, "unknown");
    assertProblem(get("/api/nothing"), 404);
    assertProblem(get("/api/sync/run"), 405);
    assertProblem(post("/api/sync/run?async=maybe", ""), 400, "\"field\":\"async\"");
    assertProblem(post("/api/sync/run", "x".repeat(100_000)), 413);
  }

  @Test
  void aSecondRunIsToldWhichOneIsUnderWay() throws Exception {
    putTrades(3);
    CountDownLatch blocked = new CountDownLatch(1);
    serve(source, batch -> blocked.await(), null);

    HttpResponse<String> first = post("/api/sync/run?async=true", "");
    String runId = field(first.body(), "runId");
    HttpResponse<String> second = post("/api/sync/run", "");
    HttpResponse<String> third = post("/api/sync/run?async=true", "");
    String underWay = get("/api/sync/runs/" + runId).body();
    blocked.countDown();

    assertThat(first.statusCode()).isEqualTo(202);
    assertThat(first.headers().firstValue("Location")).hasValue("/api/sync/runs/" + runId);
    assertProblem(second, 409, "\"runId\":\"" + runId + "\"");
    assertProblem(third, 409, "\"runId\":\"" + runId + "\"");
    await()
        .untilAsserted(
            () ->
                assertThat(get("/api/sync/runs/" + runId).body())
                    .contains("\"outcome\":\"completed\"", "\"processed\":3")
                    .doesNotContain("asOf"));
    assertThat(underWay)
        .contains("\"outcome\":\"running\"")
        .containsPattern("\"asOf\":\"20[^\"]+Z\".*,\"asOfTimestamp\":1[0-9]{9}}$");
  }

  @Test
  void aRunIsCancelledByItsId() throws Exception {
    putTrades(1_000);
    CountDownLatch blocked = new CountDownLatch(1);
    serve(source, batch -> blocked.await(), null);
    String runId = field(post("/api/sync/run?async=true", "").body(), "runId");

    assertProblem(post("/api/sync/runs/unknown/cancel", ""), 404, "unknown");
    assertProblem(post("/api/sync/runs/" + runId + "/cancel", "{\"now\":true}"), 400, "now");
    HttpResponse<String> answer = post("/api/sync/runs/" + runId + "/cancel", "");
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(answer.body()).isEqualTo("{\"runId\":\"" + runId + "\"}");
    server.close();
    blocked.countDown();
  }

  @Test
  void aPlanSaysWhatARunWouldDo() throws Exception {
    putTrades(120);
    serve();

    assertThat(get("/api/sync/plan").body())
        .startsWith(
            "{\"gaps\":{\"missing\":120,\"error\":0,\"changed\":0,\"orphaned\":0},"
                + "\"writes\":120,\"batches\":3,\"ranges\":[{\"kind\":\"missing\",\"trades\":120,")
        .contains("\"reason\":null,\"firstTime\":\"2025-08-05T13:20:00Z\",")
        .endsWith("}],\"complete\":true}");
    assertThat(get("/api/sync/runs").body()).isEqualTo("{\"runs\":[]}");
  }

  @ParameterizedTest
  @CsvSource({
    "fromTimestamp=1754400000, 119",
    "fromTimestamp=2025-08-05T13:20:00Z&toTimestamp=1754400120, 2",
    "fromTimestamp=0&chains=1&chains=2&pools=pool, 120",
    "fromTimestamp=0&pools=other, 0",
    "audit=true, 120",
  })
  void aPlanSaysWhatAForceWouldTouch(String query, int writes) throws Exception {
    putTrades(120);
    serve();

    assertThat(get("/api/sync/plan?" + query).body()).contains("\"writes\":" + writes + ",");
    assertThat(get("/api/sync/runs").body()).isEqualTo("{\"runs\":[]}");
  }

  @ParameterizedTest
  @CsvSource({
    "fromTimestamp=soon, fromTimestamp",
    "fromTimestamp=, fromTimestamp",
    "fromTimestamp=-1, fromTimestamp",
    "fromTimestamp=1754400000000, fromTimestamp",
    "toTimestamp=5, toTimestamp",
    "fromTimestamp=5&toTimestamp=5, toTimestamp",
    "pools=a, pools",
    "fromTimestamp=1&chains=one, chains",
    "fromTimestamp=1&chains=, chains",
    "fromTimestamp=1&pools=, pools",
    "fromTimestamp=1&pools=a%00, pools",
    "from=1, from",
    "audit=perhaps, audit",
  })
  void aBadPlanIsRefusedByTheParametersName(String query, String field) throws Exception {
    serve();

    assertProblem(get("/api/sync/plan?" + query), 400, "\"field\":\"" + field + "\"");
  }

  @Test
  void theServiceIsReadyWhileBothSidesAnswer() throws Exception {
    AtomicBoolean gone = new AtomicBoolean();
    serve(failing(gone), new InMemorySink(), null);
    assertThat(get("/readyz").statusCode()).isEqualTo(200);

    gone.set(true);
    assertProblem(get("/readyz"), 503, "\"side\":\"source\"");
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
  }

  @Test
  void parkedTradesAreReleasedAllOrByRangeOrOne() throws Exception {
    putTrades(6);
    serve(
        source,
        batch -> {
          throw new BadTradesException(
              batch.changes().stream().collect(toMap(TradeChange::key, change -> "bad")));
        },
        null);
    for (int i = 0; i < SyncEngineBuilder.DEFAULT_PARK_AFTER; i++) {
      post("/api/sync/run", "");
    }
    String errors = get("/api/sync/errors").body();
    assertThat(errors).contains("\"parked\":true,\"ref\":\"" + T0 + ":trade_0\",");

    String path = "/api/sync/errors/release";
    assertThat(post(path, "{\"ref\":\"" + T0 + ":trade_0\"}").body()).isEqualTo("{\"released\":1}");
    assertThat(post(path, "{\"ref\":\"" + T0 + ":trade\"}").body()).isEqualTo("{\"released\":0}");
    String range =
        String.format(Locale.ROOT, "{\"fromTimestamp\":%d,\"toTimestamp\":%d}", T0 + 60, T0 + 120);
    assertThat(post(path, range).body()).isEqualTo("{\"released\":2}");
    assertThat(post(path, "").body()).isEqualTo("{\"released\":3}");
    assertThat(get("/api/sync/errors").body()).doesNotContain("\"parked\":true");
  }

  @Test
  void acceptedFailuresAreNoGapAndShowWhy() throws Exception {
    putTrades(3);
    serve(
        source,
        batch -> {
          throw new SocketTimeoutException("Read timed out");
        },
        null);
    post("/api/sync/run", "");
    assertThat(get("/api/sync/health").body()).contains("\"error\":3", "\"accepted\":0");

    String path = "/api/sync/errors/accept";
    String ref = "\"" + T0 + ":trade_0\"";
    assertThat(post(path, "{\"ref\":" + ref + ",\"reason\":\" seen \"}").body())
        .isEqualTo("{\"accepted\":1}");
    assertThat(get("/api/sync/errors").body())
        .contains("\"parked\":true,\"ref\":" + ref + ",\"accepted\":\"seen\",");
    assertThat(get("/api/sync/health").body()).contains("\"error\":2", "\"accepted\":1");
    String refs = "[" + ref + ",\"" + (T0 + 60) + ":trade_1\",\"5:none\"]";
    assertThat(post(path, "{\"refs\":" + refs + ",\"reason\":\"seen\"}").body())
        .isEqualTo("{\"accepted\":2}");
    assertThat(get("/api/sync/health").body()).contains("\"error\":1", "\"accepted\":2");

    assertThat(post("/api/sync/errors/release", "{\"ref\":" + ref + "}").body())
        .isEqualTo("{\"released\":1}");
    assertThat(get("/api/sync/health").body()).contains("\"error\":2", "\"accepted\":1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"reason\": \"a\"}; refs",
        "{\"ref\": \"1:a\", \"refs\": [], \"reason\": \"a\"}; refs",
        "{\"refs\": \"1:a\", \"reason\": \"a\"}; refs",
        "{\"refs\": [1], \"reason\": \"a\"}; refs",
        "{\"refs\": [\"1:\\u0000\"], \"reason\": \"a\"}; refs",
        "{\"ref\": null, \"reason\": \"a\"}; ref",
        "{\"ref\": \"1:a\"}; reason",
        "{\"ref\": \"+1:a\", \"reason\": \"a\"}; ref",
        "{\"ref\": \"٣:a\", \"reason\": \"a\"}; ref",
        "{\"ref\": \"99999999999999999999:a\", \"reason\": \"a\"}; ref",
        "{\"ref\": \":a\", \"reason\": \"a\"}; ref",
        "{\"ref\": \"1:a\", \"reason\": \" \"}; reason",
        "{\"ref\": \"1:a\", \"reason\": \"a\\u0000\"}; reason",
        "{\"ref\": \"1:a\", \"reason\": \"a\\ud800\"}; reason",
        "{\"ref\": \"1:a\", \"reason\": \"a\", \"id\": 1}; id",
      })
  void aBadAcceptanceIsRefusedByTheFieldsName(String body, String field) throws Exception {
    serve();

    assertProblem(post("/api/sync/errors/accept", body), 400, "\"field\":\"" + field + "\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"ref\": \"trade_0\"}; ref",
        "{\"ref\": 5}; ref",
        "{\"ref\": \"1:a\", \"fromTimestamp\": 1}; ref",
        "{\"ref\": \"1:\\u0000\"}; ref",
        "{\"fromTimestamp\": \"yesterday\"}; fromTimestamp",
        "{\"fromTimestamp\": 1754400000000}; fromTimestamp",
        "{\"fromTimestamp\": 5, \"toTimestamp\": 4}; toTimestamp",
        "{\"all\": true}; all",
      })
  void aBadSelectionOfFailedTradesIsRefusedByTheFieldsName(String body, String field)
      throws Exception {
    serve();

    assertProblem(post("/api/sync/errors/release", body), 400, "\"field\":\"" + field + "\"");
  }

  @Test
  void failedTradesAreListedInPages() throws Exception {
    putTrades(5);
    serve(
        source,
        batch -> {
          throw new SocketTimeoutException("Read timed out");
        },
        null);

    HttpResponse<String> run = post("/api/sync/run", "");
    String firstPage = get("/api/sync/errors?limit=3").body();
    String secondPage = get("/api/sync/errors?limit=3&after=" + field(firstPage, "next")).body();

    assertThat(run.statusCode()).isEqualTo(200);
    assertThat(run.body())
        .contains("\"message\":\"Sync completed with errors: 0/5 trades processed\"");
    assertThat(firstPage)
        .startsWith("{\"errors\":[{\"id\":\"trade_0\",\"timestamp\":" + T0)
        .contains("\"reason\":\"Network timeout\",\"attempts\":1");
    assertThat(ids(firstPage)).containsExactly("trade_0", "trade_1", "trade_2");
    assertThat(ids(secondPage)).containsExactly("trade_3", "trade_4");
    assertThat(secondPage).contains("\"next\":null");
    assertThat(get("/api/sync/errors?limit=5").body())
        .as("a page that is full and the last")
        .contains("\"next\":null");
  }

  @Test
  void rowsOutsideTheKeyOrderAreListedWithTheFailuresAndByAnAudit() throws Exception {
    putTrades(3);
    OutsideRow withoutTime = new OutsideRow("x", "ab12", null, "timestamp", "timestamp is null", 1);
    OutsideRow withLongId = new OutsideRow("y", "cd34", T0, "id", "id is over 1024 bytes long", 2);
    serve(
        new OutsideSource(source, List.of(withoutTime, withoutTime, withLongId)),
        batch -> {},
        null);

    assertThat(post("/api/sync/run", "").body()).contains("3/3 trades processed");
    assertThat(get("/api/sync/health").body()).contains("\"gaps\":{\"missing\":0,\"error\":3");
    assertThat(get("/api/sync/errors").body())
        .startsWith(
            String.format(
                Locale.ROOT,
                """
                {"errors":[],"next":null,"outsideKeyOrder":[\
                {"id":"x","idSha256":"ab12","timestamp":null,"column":"timestamp",\
                "reason":"timestamp is null","ref":"sha256:ab12:0000000000000001",\
                "time":null},\
                {"id":"y","idSha256":"cd34","timestamp":%d,"column":"id",\
                "reason":"id is over 1024 bytes long","ref":"sha256:cd34:0000000000000002",\
                "time":"2025-08-05T13:20:00Z"}],"outsideAsOf":"20\
                """,
                T0))
        .containsPattern("\"outsideAsOfTimestamp\":1[0-9]{9}}$");
    assertThat(get("/api/sync/errors?after=1:a").body()).isEqualTo("{\"errors\":[],\"next\":null}");
    assertThat(post("/api/sync/audit", "").body())
        .contains("\"reason\":\"id is over 1024 bytes long\"")
        .contains("\"reason\":\"timestamp is null\"")
        .contains("\"error\":3");
  }

  @Test
  void eachRowOutsideTheKeyOrderIsListedAndAccepted() throws Exception {
    List<OutsideRow> rows =
        IntStream.range(0, 1_203)
            .mapToObj(
                i ->
                    new OutsideRow(
                        "x", "ab".repeat(32), null, "timestamp", "timestamp is null", i - 600))
            .toList();
    serve(new OutsideSource(source, rows), batch -> {}, null);
    assertThat(post("/api/sync/run", "").statusCode()).isEqualTo(200);

    List<String> refs = new ArrayList<>();
    String next = "";
    do {
      String page = get("/api/sync/errors?limit=401" + next).body();
      List<String> found = fields(page, "ref");
      refs.addAll(found);
      assertThat(page).startsWith("{\"errors\":[],\"next\":null,");
      assertThat(
              post(
                      "/api/sync/errors/accept",
                      "{\"refs\":[\"%s\"],\"reason\":\"seen\"}"
                          .formatted(String.join("\",\"", found)))
                  .body())
          .isEqualTo("{\"accepted\":401}");
      next =
          fields(page, "nextOutside").stream()
              .map(cursor -> "&outsideAfter=" + cursor)
              .findFirst()
              .orElse("");
    } while (!next.isEmpty());

    assertThat(refs).hasSize(1_203).doesNotHaveDuplicates();
    assertThat(get("/api/sync/health").body()).contains("\"error\":0", "\"accepted\":1203");
    assertThat(get("/api/sync/errors?after=1:a&limit=1").body()).doesNotContain("utside");
    assertProblem(
        get("/api/sync/errors?after=1:a&outsideAfter=" + refs.get(0)),
        400,
        "\"field\":\"outsideAfter\"");
    for (String bad : List.of("1:a", "sha256:ab:1", "")) {
      assertProblem(get("/api/sync/errors?outsideAfter=" + bad), 400, "\"field\":\"outsideAfter\"");
    }
  }

  private static List<String> fields(String body, String name) {
    return Pattern.compile("\"" + name + "\":\"([^\"]*)\"")
        .matcher(body)
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  @Test
  void aRowOutsideTheKeyOrderIsAcceptedAndReleasedByItsRef() throws Exception {
    putTrades(3);
    String hash = "ab".repeat(32);
    OutsideRow row = new OutsideRow("x", hash, null, "timestamp", "timestamp is null", -2);
    serve(new OutsideSource(source, List.of(row)), batch -> {}, null);
    assertThat(post("/api/sync/run", "").statusCode()).isEqualTo(200);
    String ref = "sha256:" + hash + ":fffffffffffffffe";

    String accept = "{\"refs\":[\"%s\",\"1:nobody\"],\"reason\":\"known\"}".formatted(ref);
    assertThat(post("/api/sync/errors/accept", accept).body()).isEqualTo("{\"accepted\":1}");
    assertThat(get("/api/sync/errors").body())
        .contains("\"ref\":\"" + ref + "\",\"accepted\":\"known\"");
    assertThat(get("/api/sync/health").body())
        .contains("\"gaps\":{\"missing\":0,\"error\":0", "\"accepted\":1");
    assertThat(post("/api/sync/audit", "").body()).contains("\"error\":0");
    assertThat(post("/api/sync/errors/release", "{\"ref\":\"%s\"}".formatted(ref)).body())
        .isEqualTo("{\"released\":1}");
    assertThat(get("/api/sync/health").body()).contains("\"error\":1", "\"accepted\":0");

    for (String bad : List.of("sha256:", ref + "0", ref.replace("ab", "AB"), "sha256:ab:1")) {
      assertProblem(
          post("/api/sync/errors/release", "{\"ref\":\"%s\"}".formatted(bad)), 400, "ref must be");
    }
  }

  @Test
  void aSideThatIsGoneIsNamed() throws Exception {
    putTrades(1);
    AtomicBoolean gone = new AtomicBoolean();
    serve(failing(gone), new InMemorySink(), null);
    gone.set(true);

    assertProblem(get("/api/sync/health"), 503, "\"side\":\"source\"", "cable cut");
    HttpResponse<String> run = post("/api/sync/run", "");
    assertThat(run.statusCode()).isEqualTo(503);
    assertThat(run.body()).startsWith("{\"success\":false,\"message\":\"").contains("source");
    assertThat(get("/healthz").statusCode()).isEqualTo(200);

    gone.set(false);
    assertThat(get("/api/sync/health").statusCode()).isEqualTo(200);
  }

  @Test
  void aRunThatFailedBatchesEndedIsAnAnswerAndNotAnOutage() throws Exception {
    putTrades(1_000);
    serve(
        source,
        batch -> {
          throw new IllegalStateException("401 token expired");
        },
        null);

    HttpResponse<String> run = post("/api/sync/run", "");

    assertThat(run.statusCode()).isEqualTo(200);
    assertThat(run.body())
        .startsWith("{\"success\":false,\"message\":\"Sync stopped, 10 batches in a row failed")
        .contains("in the sink", "401 token expired");
  }

  @Test
  void aSinkThatIsGoneIsNamed() throws Exception {
    putTrades(100);
    serve(
        source,
        batch -> {
          throw new SinkUnavailableException("the token has expired");
        },
        null);

    HttpResponse<String> run = post("/api/sync/run", "");

    assertThat(run.statusCode()).isEqualTo(503);
    assertThat(run.body()).contains("the sink is not available: the token has expired");
  }

  private TradeSource failing(AtomicBoolean gone) {
    return (TradeSource)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {TradeSource.class},
            (proxy, method, arguments) -> {
              if (gone.get()) {
                throw SideUnavailableException.unreachable(Side.SOURCE, "cable cut", null);
              }
              return method.invoke(source, arguments);
            });
  }

  @Test
  void progressIsSentAsItHappens() throws Exception {
    putTrades(120);
    serve();
    HttpRequest listen = request("/api/sync/events").build();
    try (Stream<String> lines = DocumentedClient.events(listen)) {
      post("/api/sync/run?async=true", "");

      List<String> events = new ArrayList<>();
      var each = lines.iterator();
      while (!events.contains("event: ended")) {
        events.add(each.next());
      }

      assertThat(events.stream().filter(line -> line.startsWith("event: ")))
          .containsExactly(
              "event: started",
              "event: planned",
              "event: progress",
              "event: progress",
              "event: progress",
              "event: ended");
      assertThat(events)
          .anyMatch(line -> line.contains("Batch 2/3: Processed 100/120 trades (83.3%)"));
    }
  }

  @Test
  void theServerStopsWhileSomebodyListens() throws Exception {
    serve();
    HttpRequest listen = request("/api/sync/events").build();
    try (Stream<String> lines = DocumentedClient.events(listen)) {
      assertThat(lines.iterator().next()).isEqualTo(": no run");

      HttpRequest.Builder next = request("/healthz");
      server.close();

      assertThatThrownBy(() -> send(next)).isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void whoWaitsForARunIsAnsweredWhenTheServerStops() throws Exception {
    putTrades(1_000);
    CountDownLatch writing = new CountDownLatch(1);
    serve(
        source,
        batch -> {
          writing.countDown();
          Thread.sleep(50);
        },
        null);
    CompletableFuture<HttpResponse<String>> answer =
        DocumentedClient.sendAsync(request("/api/sync/run").POST(BodyPublishers.noBody()).build());
    writing.await();

    server.close();

    assertThat(answer.get().statusCode()).isEqualTo(503);
    assertThat(answer.get().body()).startsWith("{\"success\":false,\"message\":\"Sync cancelled");
  }

  @Test
  void aPostNeedsTheToken() throws Exception {
    putTrades(1);
    serve(source, new InMemorySink(), "secret-token");

    assertProblem(post("/api/sync/run", ""), 401);
    assertProblem(postAs("Bearer other-token"), 401);
    assertProblem(postAs("secret-token"), 401);
    assertThat(get("/api/sync/health").statusCode()).isEqualTo(200);
    assertThat(get("/api/sync/runs").body()).isEqualTo("{\"runs\":[]}");
    assertThat(postAs("Bearer secret-token").statusCode()).isEqualTo(200);
    assertThat(postAs("bearer  secret-token").statusCode()).isEqualTo(200);
    assertThat(postAs("BEARER secret-token").statusCode()).isEqualTo(200);
    assertProblem(postAs("Bearer SECRET-TOKEN"), 401);
    assertProblem(postAs("Basic secret-token"), 401);
  }

  private HttpResponse<String> postAs(String authorization) throws Exception {
    return send(
        request("/api/sync/run")
            .header("Authorization", authorization)
            .POST(BodyPublishers.noBody()));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, evil.example, '', 403",
    "GET, evil.example:42091, '', 403",
    "GET, localhost, '', 200",
    "GET, LOCALHOST, '', 200",
    "GET, [::1]:42091, '', 200",
    "POST, evil.example, '', 403",
    "POST, 127.0.0.1, http://evil.example, 403",
    "POST, 127.0.0.1, null, 403",
    "POST, 127.0.0.1:1, http://127.0.0.1:2, 403",
    "POST, 127.0.0.1, http://127.0.0.1, 200",
  })
  void foreignPagesAreKeptOut(String method, String host, String origin, int status)
      throws Exception {
    serve();
    String path = method.equals("GET") ? "/api/sync/health" : "/api/sync/run";
    String originLine = origin.isEmpty() ? "" : "Origin: " + origin + "\r\n";

    String answer =
        raw(
            method
                + " "
                + path
                + " HTTP/1.1\r\nHost: "
                + host
                + "\r\n"
                + originLine
                + "Content-Length: 0\r\nConnection: close\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 " + status);
  }

  /** A proxy passes on the Host header of the browser, or replaces it by its own target. */
  @ParameterizedTest
  @CsvSource({
    "sync.example, https://sync.example, 202",
    "127.0.0.1, https://sync.example, 202",
    "127.0.0.1, '', 202",
    "127.0.0.1, https://evil.example, 403",
    "127.0.0.1, http://sync.example, 403",
    "evil.example, https://sync.example, 403",
    "evil.example, '', 403",
  })
  void thePublicUrlIsAllowedAndUsed(String host, String origin, int status) throws Exception {
    publicUrl = URI.create("https://sync.example/tradesync");
    serve();
    String originLine = origin.isEmpty() ? "" : "Origin: " + origin + "\r\n";

    String answer =
        raw(
            "POST /api/sync/run?async=true HTTP/1.1\r\nHost: "
                + host
                + "\r\n"
                + originLine
                + "Content-Length: 0\r\nConnection: close\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 " + status);
    if (status == 202) {
      assertThat(answer).contains("Location: https://sync.example/tradesync/api/sync/runs/");
    }
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @ParameterizedTest
  @CsvSource({"/, text/html", "/app.js, text/javascript", "/style.css, text/css"})
  void thePageIsThere(String path, String type) throws Exception {
    serve();

    HttpResponse<String> answer = get(path);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith(type);
    assertThat(answer.headers().firstValue("Content-Security-Policy")).isPresent();
    assertThat(answer.body()).isNotEmpty().doesNotContain("innerHTML");
  }

  private static long second(String time) {
    return Instant.parse(time).getEpochSecond();
  }

  private static String field(String json, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\":\"([^\"]+)\"").matcher(json);
    assertThat(matcher.find()).as(name + " in " + json).isTrue();
    return matcher.group(1);
  }

  private static List<String> ids(String json) {
    return Pattern.compile("\"id\":\"([^\"]+)\"")
        .matcher(json)
        .results()
        .map(match -> match.group(1))
        .toList();
  }
}
