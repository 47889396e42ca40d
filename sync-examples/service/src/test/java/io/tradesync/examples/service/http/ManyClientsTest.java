package io.tradesync.examples.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.TradeSource;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Clients that are many, slow, or gone. */
@Timeout(60)
class ManyClientsTest {

  private static final int LISTENERS = 32;

  private final List<Socket> sockets = new ArrayList<>();
  private ServedEngine served;

  @AfterEach
  void close() throws Exception {
    for (Socket socket : sockets) {
      socket.close();
    }
    served.close();
  }

  private void serve(TradeSource source) {
    served = new ServedEngine(source, new InMemorySink());
  }

  private Socket send(String lines) throws Exception {
    Socket socket = served.connection(lines);
    sockets.add(socket);
    return socket;
  }

  @Test
  void slowBodiesTakeNoThread() throws Exception {
    serve(ServedEngine.source(3));
    for (int i = 0; i < 300; i++) {
      send("POST /api/sync/run HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n{");
    }

    assertThat(served.get("/healthz").statusCode()).isEqualTo(200);
    assertThat(served.get("/api/sync/health").statusCode()).isEqualTo(200);
    assertThat(served.post("/api/sync/run", "{}").body()).contains("3/3 trades processed");
    assertThat(served.get("/api/sync/runs").body()).doesNotContain("},{");
  }

  @Test
  void aBodyThatComesInPiecesIsRead() throws Exception {
    serve(ServedEngine.source(3));

    Socket socket =
        send(
            "POST /api/sync/force HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n11\r\n{\"fromTimestamp\":\r\n");
    socket.getOutputStream().write("2\r\n0}\r\n0\r\n\r\n".getBytes(UTF_8));

    assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
        .startsWith("HTTP/1.1 200")
        .contains("3/3 trades processed");
  }

  @Test
  void aListenerWhoseConnectionIsGoneFreesItsPlaceAtOnce() throws Exception {
    serve(ServedEngine.source(0));
    for (int i = 0; i < LISTENERS; i++) {
      Socket socket = send("GET /api/sync/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
      assertThat(socket.getInputStream().read()).isEqualTo('H');
    }
    assertThat(served.get("/api/sync/events").statusCode()).isEqualTo(503);

    sockets.get(7).close();

    await()
        .atMost(Duration.ofSeconds(2))
        .untilAsserted(
            () -> {
              Socket socket = send("GET /api/sync/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
              assertThat(new String(socket.getInputStream().readNBytes(12), UTF_8))
                  .isEqualTo("HTTP/1.1 200");
            });
  }

  @Test
  void eventsEndWithAnEventWhenTheServiceStops() throws Exception {
    serve(ServedEngine.source(0));
    HttpRequest listen = served.request("/api/sync/events").build();
    try (Stream<String> lines = DocumentedClient.events(listen)) {
      var each = lines.iterator();
      assertThat(each.next()).isEqualTo(": no run");

      served.server.close();

      List<String> rest = new ArrayList<>();
      each.forEachRemaining(rest::add);
      assertThat(rest).contains("event: stopping");
    }
  }

  @Test
  void aHealthCallThatTheStopEndsIsNoErrorOfTheLog() throws Exception {
    AtomicBoolean armed = new AtomicBoolean();
    CountDownLatch reading = new CountDownLatch(1);
    InMemoryTradeSource source = ServedEngine.source(3);
    serve(
        (TradeSource)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {TradeSource.class},
                (proxy, method, arguments) -> {
                  if (armed.get()) {
                    reading.countDown();
                    new CountDownLatch(1).await();
                  }
                  try {
                    return method.invoke(source, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                }));
    Logger logger = (Logger) LoggerFactory.getLogger("io.tradesync.examples.service");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    armed.set(true);
    try {
      CompletableFuture<HttpResponse<String>> answer =
          DocumentedClient.sendAsync(served.request("/api/sync/health").build());
      reading.await();

      served.close();

      assertThat(answer.handle((done, failure) -> failure == null ? done.statusCode() : 503).join())
          .isEqualTo(503);
      assertThat(lines.list).isEmpty();
    } finally {
      logger.detachAppender(lines);
    }
  }
}
