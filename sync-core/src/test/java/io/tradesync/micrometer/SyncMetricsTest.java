package io.tradesync.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tradesync.GapCounts;
import io.tradesync.Recommendation;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncHealth;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.BadTradesException;
import io.tradesync.spi.FeedHealth;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class SyncMetricsTest {

  private static final long T0 = 1_754_400_000L;

  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final InMemorySink store = new InMemorySink();
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final SyncMetrics metrics = new SyncMetrics();

  private static Trade trade(int number) {
    return Trade.builder("trade_" + number, T0 + number * 60L, 1, "pool")
        .price(BigDecimal.TEN)
        .quantity(BigDecimal.ONE)
        .build();
  }

  private SyncEngineBuilder engine(AnalyticsSink sink) {
    source.putAll(IntStream.range(0, 10).mapToObj(SyncMetricsTest::trade).toList());
    return SyncEngine.builder()
        .source(source)
        .log(new InMemorySyncLog())
        .sink(sink)
        .batchSize(5)
        .retryDelay(Duration.ofMillis(1))
        .listener(metrics);
  }

  private double gauge(String name, String... tags) {
    return registry.get("tradesync." + name).tags(tags).gauge().value();
  }

  private double counter(String name, String... tags) {
    return registry.get("tradesync." + name).tags(tags).functionCounter().count();
  }

  private Timer timer(String name, String... tags) {
    return registry.get("tradesync." + name).tags(tags).timer();
  }

  @Test
  void showTheHealthThatWasComputedLast() {
    metrics.bindTo(registry);
    try (SyncEngine engine = engine(store).build()) {
      assertThat(gauge("lag.minutes")).isNaN();
      assertThat(gauge("gaps", "kind", "missing")).isNaN();

      assertThat(engine.health().missedTrades()).isEqualTo(10);
      assertThat(gauge("lag.minutes")).isEqualTo(9);
      assertThat(gauge("gaps", "kind", "missing")).isEqualTo(10);
      assertThat(gauge("gaps", "kind", "orphaned")).isZero();
      assertThat(gauge("gaps.age.seconds", "kind", "missing")).isNotNegative();
      assertThat(gauge("health.age.seconds")).isNotNegative();
      assertThat(gauge("candles.to.recompute")).isZero();

      assertThat(engine.run().processed()).isEqualTo(10);
      assertThat(gauge("gaps", "kind", "missing")).isEqualTo(10);
      assertThat(engine.health().isHealthy()).isTrue();
      assertThat(gauge("gaps", "kind", "missing")).isZero();
      assertThat(gauge("gaps.age.seconds", "kind", "missing")).isZero();

      assertThat(gauge("store.differs")).isZero();
      SyncHealth differs =
          new SyncHealth(
              0,
              null,
              null,
              Recommendation.SYNC_RECOMMENDED,
              GapCounts.NONE,
              null,
              null,
              new SyncHealth.StoreState(0, 0, 3, 2));
      metrics.healthComputed(differs);
      assertThat(gauge("store.differs")).isEqualTo(3);
      assertThat(gauge("candles.to.recompute")).isEqualTo(2);
    }
  }

  @Test
  void countWhatRunsDoAndWhatTheyTryAgain() {
    metrics.bindTo(registry);
    AtomicInteger calls = new AtomicInteger();
    List<Double> busy = new ArrayList<>();
    AtomicReference<Map<String, String>> fields = new AtomicReference<>();
    AnalyticsSink sink =
        batch -> {
          busy.add(gauge("workers.busy"));
          fields.set(MDC.getCopyOfContextMap());
          if (calls.incrementAndGet() == 1) {
            throw new IOException("reset");
          }
          if (batch.changes().stream().anyMatch(change -> change.key().id().equals("trade_7"))) {
            throw new BadTradesException(Map.of(trade(7).key(), "does not fit"));
          }
        };
    try (SyncEngine engine = engine(sink).parallelism(1).build()) {
      String runId = engine.run().runId();

      assertThat(counter("trades.processed")).isEqualTo(9);
      assertThat(counter("trades.failed")).isEqualTo(1);
      assertThat(counter("trades.failed.live")).isZero();
      assertThat(registry.get("tradesync.retries").tags("kind", "network").counter().count())
          .isEqualTo(1);
      assertThat(timer("runs", "outcome", "completed").count()).isEqualTo(1);
      assertThat(timer("batches").count()).isEqualTo(2);
      assertThat(timer("batches").totalTime(TimeUnit.NANOSECONDS)).isPositive();
      assertThat(timer("commits").count()).isPositive();
      assertThat(busy).containsOnly(1.0);
      assertThat(gauge("workers.busy")).isZero();
      assertThat(fields.get()).containsEntry("runId", runId).containsKey("batch");

      assertThat(engine.run().errors()).isEqualTo(1);
      assertThat(counter("trades.processed")).isEqualTo(9);
      assertThat(counter("trades.failed")).isEqualTo(2);
    }
  }

  @Test
  void countParkedTradesAndThoseThatFailLive() {
    metrics.bindTo(registry);
    AnalyticsSink sink =
        batch -> {
          throw new BadTradesException(Map.of(batch.changes().get(0).key(), "does not fit"));
        };
    try (SyncEngine engine = engine(sink).parkAfter(1).build()) {
      assertThat(engine.ingest(List.of(trade(20))).failed()).hasSize(1);
      assertThat(counter("trades.failed.live")).isEqualTo(1);
      assertThat(gauge("workers.busy")).isZero();

      assertThat(engine.run().errors()).isEqualTo(10);
      assertThat(counter("trades.parked")).isGreaterThanOrEqualTo(10);
    }
  }

  @Test
  void showEachFeedAndHowLateItsTradesAre() {
    FeedHealth health =
        new FeedHealth(
            "mine",
            "one is down",
            false,
            List.of(new FeedHealth.Channel("a", null), new FeedHealth.Channel("b", "gone")),
            new FeedHealth.Backlog(5L, null, Duration.ofMillis(1_500), null),
            Map.of("consumed", 7L),
            Map.of("trimmed", 2L));
    metrics.feed(() -> health).bindTo(registry);
    assertThat(gauge("feed.up", "feed", "mine")).isZero();
    assertThat(gauge("feed.channels", "feed", "mine")).isEqualTo(2);
    assertThat(gauge("feed.channels.down", "feed", "mine")).isEqualTo(1);
    assertThat(gauge("feed.lag", "feed", "mine")).isEqualTo(5);
    assertThat(gauge("feed.pending", "feed", "mine")).isNaN();
    assertThat(gauge("feed.oldest.pending.seconds", "feed", "mine")).isEqualTo(1.5);
    assertThat(counter("feed.events", "feed", "mine", "event", "consumed")).isEqualTo(7);
    assertThat(counter("feed.losses", "feed", "mine", "kind", "trimmed")).isEqualTo(2);
    assertThat(timer("live.latency", "feed", "mine").count()).isZero();

    try (SyncEngine engine = engine(store).build()) {
      engine.committed("mine", Instant.now().minusSeconds(60));
      engine.committed("mine", Instant.now().plusSeconds(60));
      Timer latency = timer("live.latency", "feed", "mine");
      assertThat(latency.count()).isEqualTo(2);
      assertThat(latency.totalTime(TimeUnit.SECONDS)).isBetween(60.0, 120.0);
    }
  }

  @Test
  void anyNumberOfRegistriesShowTheSame() {
    MeterRegistry second = new SimpleMeterRegistry();
    metrics.bindTo(registry);
    metrics.bindTo(second);
    try (SyncEngine engine = engine(store).build()) {
      assertThat(engine.run().processed()).isEqualTo(10);
    }
    assertThat(counter("trades.processed")).isEqualTo(10);
    assertThat(second.get("tradesync.trades.processed").functionCounter().count()).isEqualTo(10);
    assertThat(second.get("tradesync.batches").timer().count())
        .isEqualTo(timer("batches").count())
        .isEqualTo(2);
  }
}
