package io.tradesync.examples.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The limits in front of the routes, with a handler that answers when the test says so. */
@Timeout(60)
class LoadLimitTest {

  private final HttpClient client = HttpClient.newHttpClient();
  private final CountDownLatch called = new CountDownLatch(1);
  private final CountDownLatch answer = new CountDownLatch(1);
  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server);

  private final Handler slow =
      new Handler.Abstract() {
        @Override
        public boolean handle(Request request, Response response, Callback callback)
            throws InterruptedException {
          if (Request.getPathInContext(request).equals("/slow")) {
            called.countDown();
            answer.await();
          }
          callback.succeeded();
          return true;
        }
      };

  private void start(Handler handler) throws Exception {
    server.addConnector(connector);
    server.setHandler(handler);
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    answer.countDown();
    server.stop();
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + connector.getLocalPort() + path))
        .build();
  }

  private int status(String path) throws Exception {
    return client.send(request(path), BodyHandlers.discarding()).statusCode();
  }

  @Test
  void whatIsTooMuchIsRefusedAndTheProbesAreAnswered() throws Exception {
    start(new LoadLimit(1, slow));
    CompletableFuture<HttpResponse<Void>> first =
        client.sendAsync(request("/slow"), BodyHandlers.discarding());
    called.await();

    HttpResponse<String> refused = client.send(request("/other"), BodyHandlers.ofString());
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
    assertThat(refused.body()).contains("too many calls", "\"status\":503");
    assertThat(status("/healthz")).isEqualTo(200);
    assertThat(status("/readyz")).isEqualTo(200);

    answer.countDown();
    assertThat(first.get().statusCode()).isEqualTo(200);
    await().untilAsserted(() -> assertThat(status("/other")).isEqualTo(200));
    await().untilAsserted(() -> assertThat(status("/other")).isEqualTo(200));
  }

  @Test
  void aBodyThatDoesNotEndInTimeIsRefused() throws Exception {
    start(new BodyReader(10, Duration.ofMillis(100), slow));

    assertThat(raw("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"))
        .startsWith("HTTP/1.1 408");
  }

  @Test
  void aBodyThatIsTooLongIsRefused() throws Exception {
    start(new BodyReader(10, Duration.ofMinutes(1), slow));

    assertThat(raw("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n{"))
        .startsWith("HTTP/1.1 413");
    assertThat(
            raw(
                "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "b\r\n01234567890\r\n"))
        .startsWith("HTTP/1.1 413");
  }

  private String raw(String request) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", connector.getLocalPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
