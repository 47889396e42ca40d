package io.tradesync.examples.boot;

import static org.assertj.core.api.Assertions.assertThat;

import example.FirstService;
import io.tradesync.SyncEngine;
import io.tradesync.spi.AnalyticsSink;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * The application of docs/GETTING-STARTED.md, of ten lines of properties and no code, and one that
 * has a sink of its own besides.
 */
class TenLinesTest {

  private static final int TRADES = 5_000;

  private static PonderAndLedger databases;

  @BeforeAll
  static void createDatabases() {
    databases = new PonderAndLedger(TRADES);
  }

  @AfterAll
  static void dropDatabases() {
    databases.close();
  }

  /**
   * An application with a sink of its own. It is no @Configuration: the application of this module,
   * whose process has this class too, would find it in its package.
   */
  @EnableAutoConfiguration
  static class WithSink {

    static final Set<String> RECEIVED = ConcurrentHashMap.newKeySet();

    @Bean
    AnalyticsSink receiver() {
      return batch -> batch.changes().forEach(change -> RECEIVED.add(change.key().id()));
    }
  }

  private static List<String> tenLines() throws IOException {
    Properties lines = new Properties();
    try (var file = TenLinesTest.class.getResourceAsStream("/ten-lines.properties")) {
      lines.load(file);
    }
    assertThat(lines).hasSizeLessThanOrEqualTo(10);
    return lines.stringPropertyNames().stream()
        .map(name -> "--" + name + "=" + lines.getProperty(name))
        .toList();
  }

  private static ConfigurableApplicationContext start(Class<?> application, String... more)
      throws IOException {
    SpringApplication spring = new SpringApplication(application);
    return spring.run(
        Stream.of(
                tenLines().stream(),
                Stream.of(
                    // Stand in for the environment's variables.
                    "--SOURCE_URL=" + databases.source().url(),
                    "--STORE_URL=" + databases.store().url(),
                    "--DB_USER=" + databases.source().user(),
                    "--DB_PASSWORD=" + databases.source().password(),
                    "--server.port=0",
                    // The application of this module has a file of its own.
                    "--spring.config.location=optional:classpath:/none.properties"),
                Stream.of(more))
            .flatMap(arguments -> arguments)
            .toArray(String[]::new));
  }

  private static Http http(ConfigurableApplicationContext context) {
    return new Http(
        Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port")));
  }

  @Test
  void closeAGapWithMetricsAndHealth() throws IOException {
    try (ConfigurableApplicationContext context = start(FirstService.class)) {
      Http http = http(context);
      assertThat(http.get("/actuator/health"))
          .satisfies(
              answer -> {
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(answer.body())
                    .contains("\"status\":\"IMMEDIATE_SYNC_REQUIRED\"")
                    .contains("\"missedTrades\":" + TRADES);
              });

      assertThat(http.post("/actuator/tradesync/run").body()).contains("runId");

      Awaitility.await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () -> {
                assertThat(http.get("/actuator/health").statusCode()).isEqualTo(200);
                assertThat(http.get("/actuator/health/tradesync").body())
                    .contains("\"status\":\"UP\"");
              });
      assertThat(databases.numberInStore("SELECT count(*) FROM analytics_trades"))
          .isEqualTo(TRADES);
      assertThat(http.get("/actuator/metrics/tradesync.trades.processed").body())
          .contains("\"value\":" + TRADES + ".0");
      assertThat(http.get("/actuator/metrics/tradesync.gaps").statusCode()).isEqualTo(200);
      assertThat(http.get("/actuator/tradesync/runs").body()).contains("\"outcome\":\"completed\"");
    }
  }

  @Test
  void andSoWithASinkOfItsOwn() throws IOException {
    try (ConfigurableApplicationContext context =
        start(WithSink.class, "--tradesync.store.service=receiver")) {
      assertThat(context.getBean(SyncEngine.class).run().isComplete()).isTrue();
      assertThat(WithSink.RECEIVED).hasSize(TRADES);
    }
  }
}
