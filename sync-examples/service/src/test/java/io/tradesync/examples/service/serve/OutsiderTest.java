package io.tradesync.examples.service.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.TextNode;
import io.tradesync.examples.service.embedded.SampleData;
import io.tradesync.examples.service.http.DocumentedClient;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.examples.service.verify.Sql;
import io.tradesync.jdbc.fixture.PostgresServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What somebody can do who has no token, on each path of a service over PostgreSQL: nothing,
 * however he forges headers, injects, floods or dawdles.
 */
@Timeout(120)
class OutsiderTest {

  private static final String TOKEN = "0123456789abcdef";

  /** Each GET with its parameters, which have a value that is right. */
  private static final Map<String, List<String>> READS =
      Map.ofEntries(
          Map.entry("/api/sync/health", List.of("known=true", "refresh=true")),
          Map.entry(
              "/api/sync/plan",
              List.of("fromTimestamp=1", "toTimestamp=9", "chains=1", "pools=a", "audit=true")),
          Map.entry(
              "/api/sync/timeline",
              List.of("from=1", "to=9000000000", "buckets=9", "known=true", "refresh=true")),
          Map.entry("/api/sync/gaps", List.of("from=1", "to=9000000000", "after=1:a", "limit=9")),
          Map.entry(
              "/api/sync/candles",
              List.of("chain=1", "pool=a", "length=60", "from=1", "to=9", "limit=9")),
          Map.entry("/api/sync/pools", List.of("after=1:a", "limit=9")),
          Map.entry("/api/sync/runs", List.of("after=a", "limit=9")),
          Map.entry("/api/sync/runs/a", List.of()),
          Map.entry("/api/sync/errors", List.of("after=1:a", "limit=9")),
          Map.entry(
              "/api/sync/errors?limit=9",
              List.of("outsideAfter=sha256:" + "a".repeat(64) + ":0123456789abcdef")),
          Map.entry("/api/sync/stats", List.of()),
          Map.entry("/openapi.json", List.of()),
          Map.entry("/metrics", List.of()),
          Map.entry("/", List.of()));

  /** Each POST with a body that it would obey. */
  private static final Map<String, String> WRITES =
      Map.of(
          "/api/sync/run", "{\"allowMassRetraction\":true}",
          "/api/sync/run?async=true", "",
          "/api/sync/force", "{\"fromTimestamp\":1}",
          "/api/sync/audit", "",
          "/api/sync/runs/under-way/cancel", "",
          "/api/sync/errors/release", "",
          "/api/sync/errors/accept", "{\"ref\":\"REF\",\"reason\":\"seen\"}");

  private static final String EVENTS = "/api/sync/events";
  private static final int MAX_LISTENERS = 32;

  private static final List<String> HOSTILE =
      List.of(
          "'; DROP TABLE sync_log; --",
          "\0",
          "a\r\nSet-Cookie: a=b",
          "<script>alert(1)</script>",
          "\u202e\ud83d\ude00",
          "-9223372036854775808",
          "1e400",
          "x".repeat(5_000));

  private static final Set<String> TABLES =
      Set.of("sync_log", "sync_run", "sync_lease", "analytics_trades", "trade_candles");

  private static PostgresServer.Database ponder;
  private static PostgresServer.Database analytics;
  private static Sql store;
  private static SyncService service;
  private static String ref;
  private List<String> before = List.of();

  @BeforeAll
  static void start() throws Exception {
    ponder = PostgresServer.get().newDatabase();
    analytics = PostgresServer.get().newDatabase();
    SampleData.createTables(ponder.jdbcUrl());
    SampleData.addTrades(ponder.jdbcUrl());
    new Sql(ponder.jdbcUrl())
        .update("UPDATE order_book_trades SET price = 'NaN' WHERE id = 'sample_trade_1'");
    Map<String, String> settings = new HashMap<>();
    settings.put("PONDER_JDBC_URL", ponder.jdbcUrl());
    settings.put("ANALYTICS_JDBC_URL", analytics.jdbcUrl());
    settings.put("REDIS_URL", "redis://127.0.0.1:1");
    settings.put("SYNC_HTTP_PORT", "0");
    settings.put("SYNC_API_TOKEN", TOKEN);
    service = SyncService.start(Settings.from(settings::get), SyncService.Options.DEFAULT);
    assertThat(post("/api/sync/run", "", "Authorization", "Bearer " + TOKEN).body())
        .contains("11/12 trades processed");
    store = new Sql(analytics.jdbcUrl());
    ref =
        store
            .texts("SELECT trade_timestamp || ':' || trade_id FROM sync_log WHERE status = 'error'")
            .get(0);
    // A run of another process, which an outsider could want to cancel.
    store.update(
        "UPDATE sync_lease SET run_id = 'under-way', expires_at = now() + interval '1 hour'"
            + " WHERE kind = 'run'");
  }

  @AfterAll
  static void stop() {
    if (service != null) {
      service.close();
    }
    ponder.close();
    analytics.close();
  }

  private static List<String> state() {
    return TABLES.stream()
        .sorted()
        .flatMap(
            table -> store.texts("SELECT t::text FROM " + table + " t ORDER BY t::text").stream())
        .toList();
  }

  @BeforeEach
  void remember() {
    before = state();
  }

  @AfterEach
  void nothingHasChanged() throws Exception {
    assertThat(state()).isEqualTo(before);
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(service.url() + path));
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return DocumentedClient.send(request(path).build());
  }

  private static HttpResponse<String> post(String path, String body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        request(path).POST(BodyPublishers.ofString(body.replace("REF", String.valueOf(ref))));
    return DocumentedClient.send(
        (headers.length == 0 ? request : request.headers(headers)).build());
  }

  static Stream<String> reads() {
    return READS.keySet().stream().sorted();
  }

  /** What is answered with events does not end, so only what is refused can be read to its end. */
  static Stream<String> readsAndEvents() {
    return Stream.concat(reads(), Stream.of(EVENTS));
  }

  static Stream<String> writes() {
    return WRITES.keySet().stream().sorted();
  }

  private static String body(String path) {
    return WRITES.getOrDefault(path, "").replace("REF", ref);
  }

  @ParameterizedTest
  @MethodSource("writes")
  void withoutTheTokenNothingIsChanged(String path) throws Exception {
    assertThat(post(path, body(path)).statusCode()).isEqualTo(401);
    for (String header :
        List.of("Bearer", "Bearer 0123456789ABCDEF", "Basic " + TOKEN, "Bearer " + TOKEN + "0")) {
      assertThat(post(path, body(path), "Authorization", header).statusCode()).isEqualTo(401);
    }
    assertThat(post(path, body(path), "Cookie", "token=" + TOKEN).statusCode()).isEqualTo(401);
    String parameter = path + (path.contains("?") ? "&" : "?") + "token=" + TOKEN;
    assertThat(post(parameter, body(path)).statusCode()).isEqualTo(401);
  }

  /** A page that the owner of the token looks at, in a browser that adds the token or not. */
  @ParameterizedTest
  @MethodSource("writes")
  void aForeignPageIsKeptOut(String path) throws Exception {
    for (String origin : List.of("http://evil.example", "null", "https://127.0.0.1:1")) {
      assertThat(
              raw(
                  "POST " + path,
                  "127.0.0.1",
                  body(path),
                  "Origin: " + origin,
                  "Authorization: Bearer " + TOKEN))
          .startsWith("HTTP/1.1 403");
    }
    assertThat(raw("POST " + path, "evil.example", body(path), "Authorization: Bearer " + TOKEN))
        .startsWith("HTTP/1.1 403");
  }

  @ParameterizedTest
  @MethodSource("writes")
  void aReadIsNoWrite(String path) throws Exception {
    for (String header : List.of("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")) {
      for (String method : List.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE")) {
        assertThat(raw(method + " " + path, "127.0.0.1", "", header + ": POST"))
            .doesNotStartWith("HTTP/1.1 2")
            .doesNotStartWith("HTTP/1.1 5");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("readsAndEvents")
  void aForeignNameIsKeptOut(String path) throws Exception {
    for (String host :
        List.of("evil.example", "127.0.0.1.evil.example", "evil.example:42091", "")) {
      assertThat(
              raw(
                  "GET " + path,
                  host,
                  "",
                  "X-Forwarded-Host: 127.0.0.1",
                  "Forwarded: host=127.0.0.1"))
          // Jetty refuses a host without a name.
          .startsWith(host.isEmpty() ? "HTTP/1.1 400" : "HTTP/1.1 403");
    }
  }

  private static String with(String path, List<String> parameters) {
    return parameters.isEmpty()
        ? path
        : path + (path.contains("?") ? "&" : "?") + String.join("&", parameters);
  }

  @ParameterizedTest
  @MethodSource("readsAndEvents")
  void whatIsInjectedIsRefusedOrTakenAsAText(String path) throws Exception {
    List<String> parameters = READS.getOrDefault(path, List.of("interval=9"));
    List<String> paths = new ArrayList<>();
    for (String hostile : HOSTILE) {
      String text = URLEncoder.encode(hostile, UTF_8).replace("+", "%20");
      for (int i = 0; i < parameters.size(); i++) {
        List<String> one = new ArrayList<>(parameters);
        one.set(i, parameters.get(i).replaceFirst("=.*", "=") + text);
        paths.add(with(path, one));
      }
      if (path.endsWith("/a")) {
        paths.add(path.replaceFirst("a$", text));
      }
    }
    for (String hostile : paths) {
      HttpResponse<String> answer = get(hostile);
      assertThat(answer.statusCode()).as(hostile).isIn(200, 400, 404);
      assertThat(answer.headers().map()).doesNotContainKey("set-cookie");
      assertThat(answer.headers().firstValue("Content-Type"))
          .hasValueSatisfying(type -> assertThat(type).doesNotContain("html"));
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
      assertThat(answer.body()).doesNotContain("PSQLException", "\tat ", "SELECT ");
    }
  }

  /** Who has the token may write; what he writes is never a statement. */
  @ParameterizedTest
  @MethodSource("writes")
  void whatIsInjectedIntoABodyIsRefused(String path) throws Exception {
    List<String> bodies =
        new ArrayList<>(
            List.of(
                "[".repeat(30_000),
                "{\"a\":".repeat(10_000),
                "1e999999999",
                "{\"fromTimestamp\":1e999999999}",
                "\u0000",
                "{\"__proto__\":{}}",
                "<xml/>"));
    for (String hostile : HOSTILE) {
      String text = TextNode.valueOf(hostile).toString();
      for (String field : List.of("ref", "fromTimestamp", "chains", "other")) {
        bodies.add("{\"" + field + "\":" + text + "}");
      }
    }
    for (String body : bodies) {
      assertThat(post(path, body, "Authorization", "Bearer " + TOKEN).statusCode())
          .as(body)
          .isIn(400, 404, 413);
    }
  }

  @ParameterizedTest
  @MethodSource("reads")
  void aFloodIsAnsweredOrRefused(String path) throws Exception {
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      answers.add(DocumentedClient.sendAsync(request(with(path, READS.get(path))).build()));
    }
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertThat(answer.get().statusCode()).isIn(200, 400, 404, 503);
    }
    assertThat(get("/readyz").statusCode()).isEqualTo(200);
  }

  @Test
  void listenersThatNeverReadHoldNobodyUpAndMakeRoomWhenTheyGo() throws Exception {
    List<Socket> listeners = new ArrayList<>();
    try {
      long listening = 0;
      for (int i = 0; i < MAX_LISTENERS + 8; i++) {
        Socket socket = new Socket("127.0.0.1", URI.create(service.url()).getPort());
        listeners.add(socket);
        String status = statusOfEvents(socket);
        assertThat(status).isIn("HTTP/1.1 200 OK", "HTTP/1.1 503 Service Unavailable");
        listening += status.contains("200") ? 1 : 0;
      }
      assertThat(listening).isEqualTo(MAX_LISTENERS);
      assertThat(get("/api/sync/health").statusCode()).isEqualTo(200);
      assertThat(get("/readyz").statusCode()).isEqualTo(200);
      assertThat(post("/api/sync/run", "").statusCode()).isEqualTo(401);
    } finally {
      for (Socket socket : listeners) {
        socket.close();
      }
    }
    await()
        .untilAsserted(
            () -> {
              try (Socket socket = new Socket("127.0.0.1", URI.create(service.url()).getPort())) {
                assertThat(statusOfEvents(socket)).isEqualTo("HTTP/1.1 200 OK");
              }
            });
  }

  private static String statusOfEvents(Socket socket) throws Exception {
    socket
        .getOutputStream()
        .write(
            ("GET " + EVENTS + "?interval=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").getBytes(UTF_8));
    return new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine();
  }

  @ParameterizedTest
  @MethodSource("writes")
  void clientsThatDawdleHoldNobodyUp(String path) throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 25; i++) {
        Socket socket = new Socket("127.0.0.1", URI.create(service.url()).getPort());
        slow.add(socket);
        socket
            .getOutputStream()
            .write(
                ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n{")
                    .getBytes(UTF_8));
      }
      assertThat(get("/api/sync/health").statusCode()).isEqualTo(200);
      assertThat(post(path, body(path)).statusCode()).isEqualTo(401);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  private static String raw(String start, String host, String body, String... headers)
      throws Exception {
    try (Socket socket = new Socket("127.0.0.1", URI.create(service.url()).getPort())) {
      socket
          .getOutputStream()
          .write(
              (start
                      + " HTTP/1.1\r\nHost: "
                      + host
                      + "\r\n"
                      + String.join("\r\n", headers)
                      + "\r\nContent-Length: "
                      + body.length()
                      + "\r\nConnection: close\r\n\r\n"
                      + body)
                  .getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }
}
