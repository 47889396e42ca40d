package io.tradesync.examples.howto;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.testkit.AnalyticsSinkContract;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the contract of sinks against a receiver that applies, for an id, what is newer. */
class WebhookSinkTest extends AnalyticsSinkContract {

  private final ObjectMapper json = new ObjectMapper();
  private final Map<String, Trade> held = new ConcurrentHashMap<>();
  private final Map<String, Long> applied = new ConcurrentHashMap<>();
  private final List<String> received = new CopyOnWriteArrayList<>();
  private HttpServer receiver;
  private final CountDownLatch mayAnswer = new CountDownLatch(1);
  private volatile int status = 200;
  private volatile int statusAfter = 200;
  private volatile Optional<String> retryAfter = Optional.empty();
  private volatile boolean isStalled;
  private volatile boolean failsOnce;

  private void start() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/trades",
        call -> {
          byte[] body = call.getRequestBody().readAllBytes();
          received.add(
              call.getRequestHeaders().getFirst("Idempotency-Key")
                  + " "
                  + new String(body, StandardCharsets.UTF_8));
          if (isStalled) {
            awaitResume();
          }
          if (failsOnce) {
            failsOnce = false;
            call.sendResponseHeaders(500, -1);
            call.close();
            return;
          }
          if (status == 200) {
            json.readTree(body).forEach(this::apply);
          }
          byte[] answer = "unknown pool".getBytes(StandardCharsets.UTF_8);
          retryAfter.ifPresent(wait -> call.getResponseHeaders().set("Retry-After", wait));
          call.sendResponseHeaders(status, answer.length);
          status = statusAfter;
          call.getResponseBody().write(answer);
          call.close();
        });
    receiver.start();
  }

  private void awaitResume() {
    try {
      mayAnswer.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void apply(JsonNode fields) {
    String id = fields.get("id").textValue();
    long revision = fields.get("revision").longValue();
    if (revision > applied.getOrDefault(id, 0L)) {
      applied.put(id, revision);
      held.remove(id);
      if (fields.has("pool")) {
        held.put(id, trade(fields));
      }
    }
  }

  @AfterEach
  void stop() {
    receiver.stop(0);
  }

  private SyncEngine engine(InMemoryTradeSource source) {
    return SyncEngine.builder()
        .source(source)
        .log(new InMemorySyncLog())
        .sink(new WebhookSink(uri(), HttpClient.newHttpClient()))
        .build();
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + receiver.getAddress().getPort() + "/trades");
  }

  private static Trade trade(JsonNode fields) {
    return Trade.builder(
            fields.get("id").textValue(),
            fields.get("timestamp").longValue(),
            0,
            fields.get("pool").textValue())
        .price(number(fields.get("price")))
        .quantity(number(fields.get("quantity")))
        .build();
  }

  private static BigDecimal number(JsonNode field) {
    return field.isNull() ? null : new BigDecimal(field.textValue());
  }

  @Override
  protected AnalyticsSink emptySink() throws IOException {
    start();
    return new WebhookSink(uri(), HttpClient.newHttpClient());
  }

  @Override
  protected Collection<Trade> held() {
    return held.values();
  }

  /** Not all columns are posted. */
  @Override
  protected Trade kept(Trade trade) {
    return Trade.builder(trade.id(), trade.epochSecond(), 0, trade.poolId())
        .price(trade.price())
        .quantity(trade.quantity())
        .build();
  }

  @Override
  protected boolean goesByRevision() {
    return true;
  }

  @Override
  protected boolean cutOff() {
    always(500);
    return true;
  }

  @Override
  protected void reconnect() {
    always(200);
  }

  private void always(int answer) {
    status = answer;
    statusAfter = answer;
  }

  /** The receiver cannot throw into the sink, so it answers 500 instead of an exception. */
  @Override
  protected boolean failNextWrite(Throwable failure) {
    failsOnce = failure instanceof Exception;
    return failsOnce;
  }

  @Override
  protected boolean stall() {
    isStalled = true;
    return true;
  }

  @Override
  protected void resume() {
    mayAnswer.countDown();
  }

  @Test
  void everyTradeIsPostedOnce() {
    BigDecimal largest = new BigDecimal(BigInteger.TWO.pow(256).subtract(BigInteger.ONE));
    InMemoryTradeSource source =
        new InMemoryTradeSource()
            .put(
                Trade.builder("a", 1, 1, "pool").price(largest).quantity(largest).build(),
                Trade.builder("b", 2, 1, "pool").build());
    try (SyncEngine engine = engine(source)) {
      SyncResult first = engine.run();
      SyncResult second = engine.run();

      assertThat(first.processed()).isEqualTo(2);
      assertThat(second.total()).isZero();
      assertThat(received).hasSize(1);
      assertThat(received.get(0))
          .doesNotStartWith("null")
          .contains("\"volume\":\"" + largest.multiply(largest) + "\"")
          .contains("{\"id\":\"b\",\"timestamp\":2,\"revision\":")
          .contains("\"pool\":\"pool\",\"price\":null");
    }
  }

  @Test
  void whatTheReceiverRefusesIsListedWithItsReason() {
    always(422);
    InMemoryTradeSource source =
        new InMemoryTradeSource().put(Trade.builder("a", 1, 1, "pool").build());
    try (SyncEngine engine = engine(source)) {
      engine.run();

      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .singleElement()
          .satisfies(
              failed ->
                  assertThat(failed.reason()).isEqualTo("the receiver refused: unknown pool"));
    }
  }

  private static InMemoryTradeSource twoTrades() {
    return new InMemoryTradeSource()
        .put(Trade.builder("a", 1, 1, "pool").build(), Trade.builder("b", 2, 1, "pool").build());
  }

  @ParameterizedTest
  @CsvSource({"429,1", "503,1", "429,'Fri, 27 Nov 2026 10:00:00 GMT'", "429,"})
  void aReceiverThatWantsTimeGetsIt(int answer, String wait) {
    status = answer;
    retryAfter = Optional.ofNullable(wait);
    try (SyncEngine engine = engine(twoTrades())) {
      long began = System.nanoTime();
      SyncResult result = engine.run();

      assertThat(result.message()).isEqualTo("Sync completed: 2/2 trades processed");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(900));
      assertThat(received).hasSize(2);
      assertThat(held).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 307, 401, 403})
  void aReceiverThatCannotBeUsedEndsTheRunAndNoTradeFails(int answer) {
    always(answer);
    try (SyncEngine engine = engine(twoTrades())) {
      SyncResult result = engine.run();

      assertThat(result.success()).isFalse();
      assertThat(result.message())
          .startsWith(
              "Sync stopped, the sink is not available: the receiver answered " + answer + ":");
      assertThat(received).hasSize(1);
      assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();

      always(200);
      assertThat(engine.run().processed()).isEqualTo(2);
    }
  }
}
