package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RecoveryTest {

  private static final Duration OFTEN = Duration.ofMillis(10);
  private static final Duration NEVER = Duration.ofDays(1);

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().build();

  @AfterEach
  void end() {
    fixture.sink.hook = batch -> {};
    engine.close();
    await().until(() -> ofEngines().isEmpty());
  }

  /** One timer serves the sinks of all engines, and ends when none has been called for a second. */
  private static List<String> ofEngines() {
    return ours().stream().filter(name -> !name.startsWith("tradesync-sink-timer")).toList();
  }

  private static List<String> ours() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.startsWith("tradesync"))
        .toList();
  }

  @Test
  void closesGapsAtOnceAndAsTheyCome() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    engine.start(OFTEN);
    await().until(() -> fixture.sink.held.writes() == 100);
    fixture.source.put(trade("later", T0 + 500));
    await().until(() -> fixture.sink.held.writes() == 101);
    fixture.assertEqualSides();
  }

  @Test
  void theFirstRunDoesNotWaitForTheInterval() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    engine.start(NEVER);
    await().until(() -> fixture.listener.results.size() == 1);
    fixture.assertEqualSides();
  }

  @Test
  void theLeaseOfAProcessThatDiedHoldsTheFirstRunUpOnlyUntilItEnds() {
    Duration left = Duration.ofMinutes(1);
    FencingToken ofTheDead = fixture.log.lease().acquire(LeaseKind.RUN, "killed", left);
    fixture.source.putAll(SampleTrades.trades(100, 1));
    AtomicInteger attempts = new AtomicInteger();
    try (SyncEngine successor =
        fixture
            .builder()
            .leaseTtl(Duration.ofSeconds(1))
            .runIds(
                () -> {
                  // The first two are those of the run, which is refused, and of the audit.
                  if (attempts.incrementAndGet() == 3) {
                    fixture.clock.advance(left);
                  }
                  return "run " + attempts;
                })
            .build()) {
      successor.start(NEVER);

      await().until(() -> fixture.sink.held.writes() == 100);
      assertThat(fixture.log.lease().renew(ofTheDead, left)).isFalse();
      successor.stop();
    }
  }

  @Test
  void survivesWhateverARunEndsWith() {
    AtomicInteger runs = new AtomicInteger();
    SyncEngine shaky =
        fixture
            .builder()
            .runIds(
                () ->
                    switch (runs.incrementAndGet()) {
                      case 1 -> throw new IllegalStateException("no");
                      case 2 -> throw new StackOverflowError();
                      case 3 -> throw new SyncAlreadyRunningException("x", fixture.clock.instant());
                      default -> "run " + runs;
                    })
            .build();
    fixture.source.putAll(SampleTrades.trades(100, 1));
    shaky.start(OFTEN);
    await().until(() -> fixture.sink.held.writes() == 100);
    shaky.close();
    fixture.assertEqualSides();
  }

  @Test
  void recoversByItselfOnceASinkIsBack() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    InterceptingSink.Hook gone =
        batch -> {
          throw new IOException("connection refused");
        };
    fixture.sink.hook = gone;
    fixture.sink.probe = gone;
    engine.start(OFTEN);
    await().until(() -> fixture.listener.results.size() > 1);
    assertThat(fixture.listener.results)
        .allSatisfy(result -> assertThat(result.success()).isFalse());
    fixture.sink.hook = batch -> {};
    await().until(() -> fixture.sink.held.writes() == 100);
  }

  @Test
  void isStartedOnceAndCanBeStoppedAndStartedAgain() {
    engine.stop();
    engine.start(NEVER);
    assertThatIllegalStateException()
        .isThrownBy(() -> engine.start(NEVER))
        .withMessage("the automatic recovery is started already");
    engine.stop();
    engine.stop();
    engine.start(NEVER);
    engine.close();
    engine.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> engine.start(NEVER))
        .withMessage("the engine is closed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S"})
  void anIntervalMustBePositive(String interval) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> engine.start(Duration.parse(interval)))
        .withMessage("interval must be positive, but is: " + interval);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0.000000001S", "PT9223372036854775807S"})
  void anyPositiveIntervalIsTaken(String interval) {
    fixture.source.putAll(SampleTrades.trades(10, 1));
    engine.start(Duration.parse(interval));
    await().until(() -> fixture.sink.held.writes() == 10);
  }

  @Test
  void stopCancelsTheRunUnderWayAndWaitsForIt() throws Exception {
    fixture.source.putAll(SampleTrades.trades(1_000, 1));
    CountDownLatch inSink = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    fixture.sink.hook =
        batch -> {
          inSink.countDown();
          goOn.await();
        };
    engine.start(OFTEN);
    inSink.await();
    CompletableFuture<Void> stopped = asyncRun(engine::stop);
    assertThatExceptionOfType(TimeoutException.class)
        .isThrownBy(() -> stopped.get(200, TimeUnit.MILLISECONDS));
    goOn.countDown();
    stopped.get();
    assertThat(fixture.listener.results)
        .singleElement()
        .satisfies(result -> assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED));
    assertThat(fixture.sink.held.writes()).isEqualTo(50);
  }

  @Test
  void aListenerMayStopTheRecovery() {
    AtomicReference<SyncEngine> stopping = new AtomicReference<>();
    AtomicInteger ended = new AtomicInteger();
    SyncListener listener =
        new SyncListener() {
          @Override
          public void runEnded(SyncResult result) {
            ended.incrementAndGet();
            stopping.get().stop();
          }
        };
    stopping.set(fixture.builder().listener(listener).build());
    stopping.get().start(OFTEN);
    await().until(() -> ended.get() == 1);
    await().until(() -> ofEngines().isEmpty());
    stopping.get().close();
    assertThat(ended).hasValue(1);
  }

  @Test
  void nothingGrowsOverManyRuns() {
    fixture.source.putAll(SampleTrades.trades(500, 1));
    AtomicInteger calls = new AtomicInteger();
    fixture.sink.hook =
        batch -> {
          if (calls.incrementAndGet() % 7 == 0) {
            throw new IllegalArgumentException("no");
          }
        };
    SyncEngine wide = fixture.builder().listener(SyncListener.NOOP).parallelism(4).build();
    for (int i = 0; i < 20; i++) {
      wide.forceFromEpochSecond(T0 - 1);
      fixture.sink.attempts.clear();
    }
    await().until(() -> ours().isEmpty());
    long heap = heapInUse();
    for (int i = 0; i < 200; i++) {
      wide.forceFromEpochSecond(T0 - 1);
      fixture.sink.attempts.clear();
    }
    await().until(() -> ours().isEmpty());
    // The run history grows by less than 1 kB a run.
    await().until(() -> heapInUse() < heap + 2_000_000);
  }

  private static long heapInUse() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  // Not on the common pool, whose one thread on two cores would do one thing after the other.
  private static CompletableFuture<Void> asyncRun(Runnable work) {
    return CompletableFuture.runAsync(work, task -> new Thread(task).start());
  }
}
