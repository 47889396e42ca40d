package io.tradesync.examples.service.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncHealth;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.FeedHealth;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a side of the user's own throws does not end the schedule. */
class HealthScheduleTest {

  private static Error error(Class<? extends Error> type) throws ReflectiveOperationException {
    return type.getDeclaredConstructor().newInstance();
  }

  @ParameterizedTest
  @ValueSource(
      classes = {AssertionError.class, NoClassDefFoundError.class, StackOverflowError.class})
  void goesOnAfterAnError(Class<? extends Error> type) throws Exception {
    AtomicReference<Error> thrownOnce = new AtomicReference<>(error(type));
    AtomicInteger answers = new AtomicInteger();
    RunMonitor monitor =
        new RunMonitor(
            () ->
                new FeedHealth(
                    "streams",
                    null,
                    false,
                    List.of(),
                    FeedHealth.Backlog.UNKNOWN,
                    Map.of(),
                    Map.of()),
            null);
    SyncEngineBuilder builder =
        SyncEngine.builder()
            .source(new InMemoryTradeSource())
            .log(new InMemorySyncLog())
            .sink(new InMemorySink());
    monitor.listenTo(builder);
    try (SyncEngine engine = builder.build()) {
      engine.health();
      Supplier<SyncHealth> health =
          () -> {
            Error error = thrownOnce.getAndSet(null);
            if (error != null) {
              throw error;
            }
            answers.incrementAndGet();
            return engine.health();
          };
      monitor.refreshHealth(health);
      assertThat(monitor.metrics().lastHealth().orElseThrow().problem())
          .isEqualTo(type.getSimpleName());

      thrownOnce.set(error(type));
      try (HealthSchedule ignored = new HealthSchedule(monitor, health, Duration.ofMillis(1))) {
        // Before the schedule is closed, which interrupts the computation under way.
        await()
            .atMost(Duration.ofSeconds(20))
            .until(
                () ->
                    answers.get() > 2
                        && monitor.metrics().lastHealth().orElseThrow().problem() == null);
      }
    }
  }
}
