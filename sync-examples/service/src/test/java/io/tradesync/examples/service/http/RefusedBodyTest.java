package io.tradesync.examples.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.inmemory.InMemorySink;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A client that is still sending when it is refused gets the answer, not a reset connection. The
 * bodies are larger than what the buffers of two sockets hold.
 */
@Timeout(120)
class RefusedBodyTest {

  private static final int TIMES = 150;
  private static final byte[] LARGE = "x".repeat(900_000).getBytes(UTF_8);
  private static final byte[] ALLOWED = ("{\"a\":\"" + "x".repeat(65_000) + "\"}").getBytes(UTF_8);

  private ServedEngine served;

  private void serve(String token) {
    served =
        new ServedEngine(
            ServedEngine.source(1), new InMemorySink(), new Guard("127.0.0.1", true, token, null));
  }

  @AfterEach
  void close() throws Exception {
    served.close();
  }

  private void everyAnswerIs(int status, String path, BodyPublisher body) throws Exception {
    for (int i = 0; i < TIMES; i++) {
      HttpResponse<String> answer = served.post(path, body);
      assertThat(answer.statusCode()).isEqualTo(status);
      assertThat(answer.body()).contains("\"status\":" + status);
    }
  }

  @Test
  void aBodyWhoseLengthIsTooLong() throws Exception {
    serve(null);

    everyAnswerIs(413, "/api/sync/run", BodyPublishers.ofByteArray(LARGE));
  }

  @Test
  void aBodyThatTurnsOutTooLong() throws Exception {
    serve(null);

    everyAnswerIs(
        413,
        "/api/sync/force",
        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(LARGE)));
  }

  @Test
  void aCallWithoutTheToken() throws Exception {
    serve("secret");

    everyAnswerIs(401, "/api/sync/run", BodyPublishers.ofByteArray(ALLOWED));
  }

  @Test
  void aPathThatIsNotThere() throws Exception {
    serve(null);

    everyAnswerIs(404, "/api/nothing", BodyPublishers.ofByteArray(ALLOWED));
  }

  @Test
  void aClientThatReadsOnlyOnceAllIsSent() throws Exception {
    serve(null);

    for (int i = 0; i < TIMES; i++) {
      try (Socket socket =
          served.connection(
              "POST /api/sync/run HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: "
                  + LARGE.length
                  + "\r\n\r\n")) {
        socket.getOutputStream().write(LARGE);
        assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
            .startsWith("HTTP/1.1 413")
            .endsWith("\"detail\":\"the body is longer than 65536 bytes\"}");
      }
    }
  }

  @Test
  void aClientThatWaitsToBeAskedForItsBodyIsRefusedAtOnce() throws Exception {
    serve(null);

    try (Socket socket =
        served.connection(
            "POST /api/sync/run HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n"
                + "Content-Length: 900000\r\n\r\n")) {
      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .startsWith("HTTP/1.1 413");
    }
  }

  @Test
  void aBodyWithoutEndIsCutOff() throws Exception {
    serve(null);

    try (Socket socket =
        served.connection(
            "POST /api/sync/run HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                + "Content-Length: 9000000000\r\n\r\n")) {
      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .startsWith("HTTP/1.1 413");
    }
  }
}
