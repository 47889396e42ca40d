package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.Hint;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A sink that calls the engine that waits for it. What it asks for would wait for locks and
 * connections that its own call holds, so the engine refuses it at once.
 */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SinkCallsEngineTest {

  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final AtomicReference<SyncEngine> engine = new AtomicReference<>();

  /** Outside the log's transaction, with all kinds of change. */
  private record Calling(AnalyticsSink inner) implements AnalyticsSink {
    @Override
    public void write(TradeBatch batch) throws Exception {
      inner.write(batch);
    }

    @Override
    public Set<SinkCapability> capabilities() {
      return EnumSet.allOf(SinkCapability.class);
    }
  }

  private SyncEngine build(AnalyticsSink sink) {
    source.putAll(SampleTrades.trades(20, 1));
    engine.set(
        SyncEngine.builder()
            .source(source)
            .log(new InMemorySyncLog())
            .sink(new Calling(sink))
            .batchSize(5)
            .parallelism(2)
            .maxAttempts(1)
            .build());
    return engine.get();
  }

  private static Arguments call(String name, Consumer<SyncEngine> call) {
    return Arguments.of(name, call);
  }

  static Stream<Arguments> calls() {
    Trade trade = SampleTrades.trades(20, 1).get(3);
    return Stream.of(
        call("run", SyncEngine::run),
        call("audit", SyncEngine::audit),
        call("force", engine -> engine.forceFromEpochSecond(0)),
        call("submit", engine -> engine.submit(RunOptions.DEFAULT)),
        call("health", SyncEngine::health),
        call("plan", SyncEngine::plan),
        call("ingest", engine -> engine.ingest(List.of(trade))),
        call("catchUp", engine -> engine.catchUp(List.of(new Hint(trade.epochSecond(), null)))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  void aCallOfTheEngineThatWaitsForTheSinkIsRefused(String name, Consumer<SyncEngine> call) {
    SyncResult result = build(batch -> call.accept(engine.get())).run();

    assertThat(result.message()).isEqualTo("Sync completed with errors: 0/20 trades processed");
    assertThat(engine.get().failedTrades(TradeKey.MIN, 20))
        .hasSize(20)
        .extracting(FailedTrade::reason)
        .containsOnly("a sink must not call the engine that waits for it");
  }

  @Test
  void whatASinkAsksOfTheLogIsAnswered() {
    SyncResult result =
        build(
                batch -> {
                  engine.get().runs(1);
                  engine.get().failedTrades(TradeKey.MIN, 1);
                  engine.get().requestRun("the sink says so");
                })
            .run();

    assertThat(result.isComplete()).isTrue();
  }

  @Test
  void aSinkMayCloseItsEngineAndDoesNotWaitForItself() {
    AtomicBoolean closed = new AtomicBoolean();
    long began = System.nanoTime();
    SyncResult result =
        build(
                batch -> {
                  if (!closed.getAndSet(true)) {
                    engine.get().close();
                  }
                })
            .run();

    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(result.errors()).isZero();
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isLessThan(SyncEngine.DEFAULT_CLOSE_TIMEOUT);
  }

  @Test
  void aSinkMayStopTheRecoveryThatCallsIt() throws Exception {
    CountDownLatch stopped = new CountDownLatch(1);
    SyncEngine recovering =
        build(
            batch -> {
              engine.get().stop();
              stopped.countDown();
            });
    recovering.start(Duration.ofDays(1));

    assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
    recovering.close();
  }

  @Test
  void aSinkMayCallAnotherEngine() {
    InMemoryTradeSource same = new InMemoryTradeSource();
    InMemorySyncLog log = new InMemorySyncLog();
    InMemorySink held = new InMemorySink();
    try (SyncEngine second = SyncEngine.builder().source(same).log(log).sink(held).build()) {
      SyncEngine first =
          build(
              batch ->
                  second.ingest(
                      batch.changes().stream()
                          .flatMap(change -> change.after().stream())
                          .toList()));

      assertThat(first.run().isComplete()).isTrue();
      assertThat(held.trades()).hasSize(20);
    }
  }
}
