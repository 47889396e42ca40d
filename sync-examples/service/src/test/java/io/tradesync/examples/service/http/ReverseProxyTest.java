package io.tradesync.examples.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tradesync.inmemory.InMemorySink;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The service behind a real nginx. Not run if no nginx is installed. */
@Timeout(60)
class ReverseProxyTest {

  private static final List<Path> PLACES =
      List.of(
          Path.of("/usr/sbin/nginx"), Path.of("/usr/bin/nginx"), Path.of("/usr/local/bin/nginx"));

  @TempDir Path directory;
  private ServedEngine served;
  private Process nginx;
  private URI publicUrl;

  private void start(String hostLine) throws Exception {
    Path program = PLACES.stream().filter(Files::isExecutable).findFirst().orElse(null);
    assumeTrue(program != null, "no nginx is installed");
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    publicUrl = URI.create("http://localhost:" + port + "/sync");
    served =
        new ServedEngine(
            ServedEngine.source(120),
            new InMemorySink(),
            new Guard("127.0.0.1", true, null, publicUrl));
    Path configuration = directory.resolve("nginx.conf");
    Files.writeString(
        configuration,
        String.format(
            Locale.ROOT,
            """
            daemon off;
            pid %1$s/nginx.pid;
            error_log %1$s/error.log;
            events {}
            http {
              access_log off;
              client_body_temp_path %1$s/body;
              proxy_temp_path %1$s/proxy;
              fastcgi_temp_path %1$s/fastcgi;
              uwsgi_temp_path %1$s/uwsgi;
              scgi_temp_path %1$s/scgi;
              server {
                listen 127.0.0.1:%2$d;
                location /sync/ {
                  proxy_pass http://127.0.0.1:%3$d/;
                  %4$s
                }
              }
            }
            """,
            directory,
            port,
            served.server.port(),
            hostLine));
    nginx =
        new ProcessBuilder(
                program.toString(), "-p", directory.toString(), "-c", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output.txt").toFile())
            .start();
    await().atMost(Duration.ofSeconds(20)).until(() -> listens(port));
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (java.io.IOException e) {
      return false;
    }
  }

  @AfterEach
  void stop() throws Exception {
    if (nginx != null) {
      nginx.destroy();
      assertThat(nginx.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    if (served != null) {
      served.close();
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(publicUrl + path)).timeout(Duration.ofSeconds(20));
  }

  private HttpResponse<String> post(String path, String origin) throws Exception {
    return DocumentedClient.send(
        request(path).header("Origin", origin).POST(BodyPublishers.noBody()).build());
  }

  private int status(String path) throws Exception {
    return DocumentedClient.send(request(path).build()).statusCode();
  }

  @ParameterizedTest
  @ValueSource(strings = {"proxy_set_header Host $http_host;", "# Host is rewritten"})
  void theServiceAnswersBehindAProxy(String hostLine) throws Exception {
    start(hostLine);
    String origin = publicUrl.getScheme() + "://" + publicUrl.getAuthority();

    assertThat(status("/")).isEqualTo(200);
    assertThat(status("/app.js")).isEqualTo(200);
    assertThat(status("/api/sync/health")).isEqualTo(200);
    assertThat(post("/api/sync/run", "http://evil.example").statusCode()).isEqualTo(403);

    HttpRequest listen = request("/api/sync/events").build();
    try (Stream<String> lines = DocumentedClient.events(listen)) {
      HttpResponse<String> started = post("/api/sync/run?async=true", origin);
      assertThat(started.statusCode()).isEqualTo(202);
      String location = started.headers().firstValue("Location").orElseThrow();
      assertThat(location).startsWith(publicUrl + "/api/sync/runs/");

      List<String> events = new ArrayList<>();
      var each = lines.iterator();
      while (!events.contains("event: ended")) {
        events.add(each.next());
      }
      assertThat(events).contains("event: progress");
      await()
          .untilAsserted(
              () ->
                  assertThat(
                          DocumentedClient.send(
                                  HttpRequest.newBuilder(URI.create(location)).build())
                              .body())
                      .contains("\"outcome\":\"completed\""));
    }
  }
}
