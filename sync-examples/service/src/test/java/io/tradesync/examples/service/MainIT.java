package io.tradesync.examples.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.examples.service.http.DocumentedClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar as its users start it: how it ends, and what it leaves behind. */
class MainIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SIGTERM_EXIT = 128 + 15;
  private static final int SIGKILL_EXIT = 128 + 9;

  @TempDir Path directory;
  private Path temporary;

  @BeforeEach
  void makeTemporaryDirectory() throws IOException {
    temporary = Files.createDirectory(directory.resolve("a temporary directory")).toRealPath();
  }

  @AfterEach
  void endWhatIsLeft() {
    processes().forEach(ProcessHandle::destroyForcibly);
  }

  /** Those whose program is in the temporary directory, as those of the embedded servers are. */
  private Stream<ProcessHandle> processes() {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().command().orElse("").startsWith(temporary + "/"));
  }

  private void assertNothingIsLeft() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(processes()).isEmpty();
              assertThat(temporary).isEmptyDirectory();
            });
  }

  private JarProcess jar(String... arguments) throws IOException {
    return JarProcess.start(directory, temporary, Map.of("SYNC_HTTP_PORT", "0"), arguments);
  }

  private JarProcess serve() throws IOException {
    JarProcess jar = jar("serve");
    await().atMost(PATIENCE).until(() -> jar.output().contains("answers on http://"));
    return jar;
  }

  private static String call(JarProcess jar, String method, String path) throws Exception {
    String url = jar.output().strip().replaceFirst("(?s).*answers on ", "");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .method(method, BodyPublishers.noBody())
            .build();
    return DocumentedClient.send(request).body();
  }

  /** The locale writes digits of its own wherever no other one is named. */
  @Test
  void theDemoSucceedsUnderAnyLocaleAndLeavesNothing() throws Exception {
    JarProcess demo =
        JarProcess.start(
            directory,
            temporary,
            Map.of("SYNC_HTTP_PORT", "0"),
            List.of("-Duser.language=ar", "-Duser.country=EG"),
            "demo");

    assertThat(demo.exitCode()).as(demo.output() + demo.errors()).isZero();
    assertThat(demo.output())
        .containsPattern("\nThe store is embedded, PostgreSQL [\\d.]+ without TimescaleDB\n")
        .endsWith("\n8/8 scenarios as specified\n");
    assertThat(demo.errors()).isEmpty();
    assertNothingIsLeft();
  }

  @Test
  void aServiceWithoutSettingsShowsAGapClosesItAndStops() throws Exception {
    try (JarProcess service = serve()) {
      assertThat(call(service, "GET", "/api/sync/health"))
          .startsWith("{\"status\":\"unhealthy\"")
          .contains("\"missedTrades\":12");
      assertThat(call(service, "POST", "/api/sync/run"))
          .contains("\"message\":\"Sync completed: 12/12 trades processed\"");
      assertThat(call(service, "GET", "/api/sync/health")).startsWith("{\"status\":\"healthy\"");
      assertThat(processes()).isNotEmpty();

      service.terminate();

      assertThat(service.exitCode()).isEqualTo(SIGTERM_EXIT);
      assertThat(processes()).isEmpty();
      assertThat(temporary).isEmptyDirectory();
      assertThat(service.errors()).doesNotContain("WARN", "ERROR", "Exception");
    }
  }

  @Test
  void nothingOutlivesAServiceThatIsKilled() throws Exception {
    try (JarProcess service = serve()) {
      assertThat(processes()).isNotEmpty();

      service.kill();

      assertThat(service.exitCode()).isEqualTo(SIGKILL_EXIT);
      assertNothingIsLeft();
    }
  }

  @Test
  void theNextStartRemovesWhatIsLeftWhenTheWatchdogIsKilledToo() throws Exception {
    try (JarProcess service = serve()) {
      List<ProcessHandle> watchdogs =
          service
              .descendants()
              .filter(child -> child.info().commandLine().orElse("").contains("watchdog.sh"))
              .toList();
      assertThat(watchdogs).isNotEmpty();
      watchdogs.forEach(ProcessHandle::destroyForcibly);
      service.kill();
      assertThat(service.exitCode()).isEqualTo(SIGKILL_EXIT);
      assertThat(processes()).isNotEmpty();
    }
    try (JarProcess next = serve()) {
      assertThat(temporary.toFile().list()).hasSize(1);

      next.terminate();

      assertThat(next.exitCode()).isEqualTo(SIGTERM_EXIT);
      assertNothingIsLeft();
    }
  }

  /** As in an image of a container, which holds no embedded servers. */
  @Test
  void withoutTheJarOfEmbeddedServersAllServersMustBeNamed() throws Exception {
    Path alone = Files.copy(JarProcess.JAR, directory.resolve("tradesync.jar"));

    assertThat(Files.size(alone)).isLessThan(40_000_000L);
    try (JarProcess nothing = alone(alone, Map.of(), "serve");
        JarProcess source =
            alone(alone, Map.of("PONDER_JDBC_URL", "jdbc:postgresql://127.0.0.1:1/x"), "serve");
        JarProcess demo = alone(alone, Map.of(), "demo")) {
      assertEndsWith(
          nothing,
          "PONDER_JDBC_URL and ANALYTICS_JDBC_URL and REDIS_URL must be set:"
              + " tradesync-embedded.jar, which embeds a server for each that is not named, is not"
              + " there\n");
      assertEndsWith(
          source,
          "ANALYTICS_JDBC_URL and REDIS_URL must be set: tradesync-embedded.jar, which embeds a"
              + " server for each that is not named, is not there\n");
      assertEndsWith(demo, "the demo needs tradesync-embedded.jar beside the jar\n");
    }
    assertThat(temporary).isEmptyDirectory();
  }

  private JarProcess alone(Path jar, Map<String, String> environment, String command)
      throws IOException {
    return JarProcess.start(jar, directory, temporary, environment, List.of(), command);
  }

  private static void assertEndsWith(JarProcess process, String line) throws Exception {
    assertThat(process.exitCode()).isEqualTo(2);
    assertThat(process.errors()).isEqualTo(line);
  }

  @Test
  void helpAndVersionSucceed() throws Exception {
    JarProcess help = jar("--help");
    JarProcess version = jar("--version");
    JarProcess nothing = jar("sreve");

    assertThat(help.exitCode()).isZero();
    assertThat(help.output()).contains("serve", "demo");
    assertThat(version.exitCode()).isZero();
    assertThat(version.output()).startsWith("tradesync ");
    assertThat(nothing.exitCode()).isEqualTo(2);
  }
}
