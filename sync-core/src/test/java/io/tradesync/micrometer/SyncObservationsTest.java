package io.tradesync.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.tradesync.SampleTrades;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SyncObservationsTest {

  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final ObservationRegistry registry = ObservationRegistry.create();
  private final List<Observation.Context> started = new CopyOnWriteArrayList<>();
  private final List<Observation.Context> stopped = new CopyOnWriteArrayList<>();
  private final List<String> events = new CopyOnWriteArrayList<>();

  SyncObservationsTest() {
    registry
        .observationConfig()
        .observationHandler(
            new ObservationHandler<>() {
              @Override
              public void onStart(Observation.Context context) {
                started.add(context);
              }

              @Override
              public void onEvent(Observation.Event event, Observation.Context context) {
                events.add(context.getName() + " " + event.getName());
              }

              @Override
              public void onStop(Observation.Context context) {
                stopped.add(context);
              }

              @Override
              public boolean supportsContext(Observation.Context context) {
                return true;
              }
            });
  }

  private SyncEngineBuilder engine(AnalyticsSink sink) {
    source.putAll(SampleTrades.trades(10, 60));
    return SyncEngine.builder()
        .source(source)
        .log(new InMemorySyncLog())
        .sink(sink)
        .batchSize(5)
        .retryDelay(Duration.ofMillis(1))
        .listener(new SyncObservations(registry, KeyValues.of("engine", "orders")));
  }

  private List<Observation.Context> stopped(String name) {
    return stopped.stream().filter(context -> name.equals(context.getName())).toList();
  }

  @Test
  void aRunIsTheParentOfItsBatches() {
    try (SyncEngine engine = engine(new InMemorySink()).build()) {
      String runId = engine.run().runId();

      assertThat(stopped("tradesync.run"))
          .singleElement()
          .satisfies(
              run -> {
                assertThat(run.getLowCardinalityKeyValues())
                    .containsExactlyInAnyOrderElementsOf(
                        KeyValues.of("engine", "orders", "kind", "run", "outcome", "completed"));
                assertThat(run.getHighCardinalityKeyValues())
                    .containsExactlyInAnyOrderElementsOf(
                        KeyValues.of("run.id", runId, "processed", "10", "errors", "0"));
                assertThat(run.getError()).isNull();
              });
      Observation.Context run = stopped("tradesync.run").get(0);
      assertThat(stopped("tradesync.batch"))
          .isNotEmpty()
          .allSatisfy(
              batch -> {
                assertThat(batch.getParentObservation()).isNotNull();
                assertThat(batch.getParentObservation().getContextView()).isSameAs(run);
                assertThat(batch.getLowCardinalityKeyValue("path").getValue()).isEqualTo("run");
              });
      assertThat(stopped).hasSameSizeAs(started);
    }
  }

  @Test
  void whatASinkObservesBelongsToItsBatchAndRepeatsAreEvents() {
    AtomicInteger calls = new AtomicInteger();
    List<Observation> current = new ArrayList<>();
    AnalyticsSink sink =
        batch -> {
          current.add(registry.getCurrentObservation());
          if (calls.incrementAndGet() == 1) {
            throw new IOException("reset");
          }
        };
    try (SyncEngine engine = engine(sink).build()) {
      assertThat(engine.run().processed()).isEqualTo(10);
    }
    assertThat(current)
        .isNotEmpty()
        .allSatisfy(
            observation ->
                assertThat(observation.getContext().getName()).isEqualTo("tradesync.batch"));
    assertThat(events).containsExactly("tradesync.batch tradesync.retry");
    assertThat(registry.getCurrentObservation()).isNull();
  }

  @Test
  void aRunThatCannotReachItsEndHasAnError() {
    AnalyticsSink gone =
        batch -> {
          throw new SinkUnavailableException("it is gone");
        };
    try (SyncEngine engine = engine(gone).maxAttempts(1).maxFailedBatches(1).build()) {
      assertThat(engine.run().success()).isFalse();
    }
    assertThat(stopped("tradesync.run"))
        .singleElement()
        .satisfies(
            run -> {
              assertThat(run.getLowCardinalityKeyValue("outcome").getValue()).isEqualTo("failed");
              assertThat(run.getError()).isNotNull();
            });
    assertThat(stopped).hasSameSizeAs(started);
  }

  @Test
  void onTheLivePathABatchBelongsToWhatTheCallerObserves() {
    try (SyncEngine engine = engine(new InMemorySink()).build()) {
      Observation request = Observation.start("request", registry);
      request.scoped(
          () ->
              assertThat(
                      engine
                          .ingest(List.of(SampleTrades.nth(20, SampleTrades.T0 + 1_200)))
                          .written())
                  .hasSize(1));
      request.stop();
      assertThat(stopped("tradesync.batch"))
          .isNotEmpty()
          .allSatisfy(
              batch -> {
                assertThat(batch.getParentObservation()).isSameAs(request);
                assertThat(batch.getLowCardinalityKeyValue("path").getValue()).isEqualTo("live");
              });
    }
  }
}
