package io.tradesync.examples.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.inmemory.InMemorySink;
import java.net.Socket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that no route ever sees, since they cannot be read as HTTP. */
@Timeout(60)
class UnreadableRequestTest {

  private static ServedEngine served;

  @BeforeAll
  static void serve() {
    served = new ServedEngine(ServedEngine.source(1), new InMemorySink());
  }

  @AfterAll
  static void close() {
    served.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "GET /api/sync/health HTTP/1.1~~; 400",
        "GET /api/sync/health HTTP/1.1~Host: a~Host: b~~; 400",
        "GET /api/sync/health HTTP/1.1~Host: 127.0.0.1~No colon~~; 400",
        "GET /api/sync/health HTTP/1.1~Host: 127.0.0.1~Content-Length: -1~~; 400",
        "POST /api/sync/run HTTP/1.1~Host: 127.0.0.1~Content-Length: 1~Content-Length: 2~~; 400",
        "GET /api/sync/runs/%zz HTTP/1.1~Host: 127.0.0.1~~; 400",
        "GET /api/sync/../run HTTP/1.1~Host: 127.0.0.1~Connection: close~~; 404",
        "GET /api/sync/runs/a%2Fb HTTP/1.1~Host: 127.0.0.1~Connection: close~~; 404",
        "GET /api/sync/health HTTP/1.1~Host: 127.0.0.1~X: LONG~~; 431",
        "GET /api/sync/health?x=LONG HTTP/1.1~Host: 127.0.0.1~~; 414",
        "GET /api/sync/health HTTP/9.9~Host: 127.0.0.1~~; 505",
        "nonsense~~; 400",
      })
  void theAnswerIsAProblemAndArrives(String request, int status) throws Exception {
    String bytes = request.replace("~", "\r\n").replace("LONG", "x".repeat(20_000));
    for (int i = 0; i < 5; i++) {
      try (Socket socket = served.connection(bytes)) {
        socket.setSoTimeout(5_000);
        String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);

        assertThat(answer)
            .startsWith("HTTP/1.1 " + status)
            .contains("Content-Type: application/problem+json")
            .contains("\"status\":" + status)
            .doesNotContain("Jetty", "jetty", "xxxxxxxx");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"100000", "900000"})
  void aClientThatReadsOnlyOnceAllIsSentSeesTheAnswer(int length) throws Exception {
    for (int i = 0; i < 5; i++) {
      try (Socket socket = served.connection("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")) {
        socket.setSoTimeout(5_000);
        socket.getOutputStream().write("x".repeat(length).getBytes(UTF_8));
        socket.getOutputStream().write("\r\n\r\n".getBytes(UTF_8));

        assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
            .startsWith("HTTP/1.1 431")
            .endsWith("\"detail\":\"the header fields of the request are too large\"}");
      }
    }
  }
}
