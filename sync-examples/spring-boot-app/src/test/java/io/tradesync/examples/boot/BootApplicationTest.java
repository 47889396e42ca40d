package io.tradesync.examples.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisURI;
import io.tradesync.Trade;
import io.tradesync.redis.TradePublisher;
import io.tradesync.redis.fixture.RedisServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The application, started for real, asked to end and killed in the middle of a run. */
class BootApplicationTest {

  private static final String ROWS = "SELECT count(*) FROM ledger";
  private static final String DISTINCT = "SELECT count(DISTINCT trade_id) FROM ledger";

  /** A sixth of what Kubernetes grants. */
  private static final Duration SHUTDOWN = Duration.ofSeconds(5);

  private final String stream = "trades-" + UUID.randomUUID();

  private StartedApplication start(PonderAndLedger databases, String... arguments)
      throws Exception {
    String[] all = new String[arguments.length + 2];
    all[0] = "--tradesync.redis.url=" + RedisServer.get().uri();
    all[1] = "--tradesync.redis.streams=" + stream;
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return StartedApplication.start(databases, all);
  }

  private static void awaitRows(
      StartedApplication application, PonderAndLedger databases, long rows) throws IOException {
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60 + rows / 100))
          .pollInterval(Duration.ofMillis(50))
          .until(() -> databases.numberInStore(ROWS) >= rows);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(application.output(), e);
    }
  }

  @Test
  void isAskedToEndAndKilledInTheMiddleOfARunAndGoesOnWithLiveTrades() throws Exception {
    endsInTheMiddleOfARun(2_000, "--ledger.pause=100ms", "--tradesync.engine.group-commit=1");
  }

  /** The same at the size of a real backlog. */
  @Test
  @Tag("long")
  void soItDoesWithTwoHundredThousand() throws Exception {
    endsInTheMiddleOfARun(200_000, "--ledger.pause=20ms");
  }

  /** Tomcat sends what it has buffered only after the shutdown has stopped to wait for it. */
  @Test
  void aRequestThatWaitsForTheRunIsAnsweredHoweverLateItsThreadIsAtTheShutdown() throws Exception {
    try (PonderAndLedger databases = new PonderAndLedger(2_000);
        StartedApplication application =
            start(
                databases,
                "--spring.profiles.active=manual",
                "--spring.main.sources=example.LateRequestEnd",
                "--ledger.pause=100ms",
                "--tradesync.engine.group-commit=1")) {
      CompletableFuture<HttpResponse<String>> waiting =
          CompletableFuture.supplyAsync(() -> application.http().post("/sync"));
      awaitRows(application, databases, 200);
      application.terminateWithin(SHUTDOWN);
      assertThat(waiting.get(10, TimeUnit.SECONDS).body()).contains("\"success\":false");
    }
  }

  private void endsInTheMiddleOfARun(int trades, String... slow) throws Exception {
    try (PonderAndLedger databases = new PonderAndLedger(trades)) {
      String[] slowly = new String[slow.length + 1];
      slowly[0] = "--spring.profiles.active=manual";
      System.arraycopy(slow, 0, slowly, 1, slow.length);
      try (StartedApplication first = start(databases, slowly)) {
        // As a user's request that waits for the run; the web server waits for requests.
        CompletableFuture<HttpResponse<String>> waiting =
            CompletableFuture.supplyAsync(() -> first.http().post("/sync"));
        awaitRows(first, databases, trades / 10);
        assertThat(first.http().post("/sync"))
            .satisfies(
                answer -> {
                  assertThat(answer.statusCode()).isEqualTo(409);
                  assertThat(answer.headers().firstValue("content-type").orElse(""))
                      .startsWith("application/problem+json");
                  assertThat(answer.body()).contains("\"runId\"");
                });
        first.terminateWithin(SHUTDOWN);
        assertThat(waiting.get(10, TimeUnit.SECONDS).body()).contains("\"success\":false");
      }
      long afterTheFirst = databases.numberInStore(ROWS);
      assertThat(afterTheFirst).isBetween(1L, trades - 1L);

      try (StartedApplication second = start(databases, slow)) {
        awaitRows(second, databases, afterTheFirst + trades / 10);
        second.kill();
      }
      long afterTheSecond = databases.numberInStore(ROWS);
      assertThat(afterTheSecond).isBetween(afterTheFirst, trades - 1L);

      // Its first run may still meet the lease of the one that was killed.
      try (StartedApplication third = start(databases, "--tradesync.auto-interval=2s")) {
        awaitRows(third, databases, trades);
        Awaitility.await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> third.http().get("/actuator/health").statusCode() == 200);
        databases.addTrade(trades + 1);
        publish(trades + 1);
        awaitRows(third, databases, trades + 1);
        assertThat(databases.numberInStore(DISTINCT)).isEqualTo(trades + 1);
        third.terminateWithin(SHUTDOWN);
      }
    }
  }

  private void publish(int number) {
    try (TradePublisher publisher =
        TradePublisher.builder(RedisURI.create(RedisServer.get().uri())).stream(stream).build()) {
      publisher.publish(
          Trade.builder("trade_" + number, PonderAndLedger.FIRST_SECOND + number, 1, "pool")
              .price(BigDecimal.TEN)
              .quantity(BigDecimal.ONE)
              .transactionId("0x")
              .side("Buy")
              .build());
    }
  }
}
