package io.tradesync.examples.customsink;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.memory.InMemoryTradeSource;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CustomSinkExampleTest {

  private final List<String> received = new CopyOnWriteArrayList<>();
  private HttpServer receiver;
  private volatile int status = 200;

  @BeforeEach
  void start() throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/trades",
        call -> {
          byte[] body = call.getRequestBody().readAllBytes();
          received.add(
              call.getRequestHeaders().getFirst("Idempotency-Key")
                  + " "
                  + new String(body, StandardCharsets.UTF_8));
          byte[] answer = "unknown pool".getBytes(StandardCharsets.UTF_8);
          call.sendResponseHeaders(status, answer.length);
          call.getResponseBody().write(answer);
          call.close();
        });
    receiver.start();
  }

  @AfterEach
  void stop() {
    receiver.stop(0);
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + receiver.getAddress().getPort() + "/trades");
  }

  @Test
  void everyTradeIsPostedOnce() {
    BigDecimal largest = new BigDecimal(BigInteger.TWO.pow(256).subtract(BigInteger.ONE));
    InMemoryTradeSource source =
        new InMemoryTradeSource()
            .put(
                Trade.builder("a", 1, 1, "pool").price(largest).quantity(largest).build(),
                Trade.builder("b", 2, 1, "pool").build());
    try (SyncEngine engine = CustomSinkExample.engine(source, uri())) {
      SyncResult first = engine.run();
      SyncResult second = engine.run();

      assertThat(first.processed()).isEqualTo(2);
      assertThat(second.total()).isZero();
      assertThat(received).hasSize(1);
      assertThat(received.get(0))
          .doesNotStartWith("null")
          .contains("\"volume\":\"" + largest.multiply(largest) + "\"")
          .contains("{\"id\":\"b\",\"timestamp\":2,\"pool\":\"pool\",\"price\":null");
    }
  }

  @Test
  void whatTheReceiverRefusesIsListedWithItsReason() {
    status = 422;
    InMemoryTradeSource source =
        new InMemoryTradeSource().put(Trade.builder("a", 1, 1, "pool").build());
    try (SyncEngine engine = CustomSinkExample.engine(source, uri())) {
      engine.run();

      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .singleElement()
          .satisfies(
              failed ->
                  assertThat(failed.reason()).isEqualTo("the receiver refused: unknown pool"));
    }
  }
}
