package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.tradesync.inmemory.InMemoryTransaction;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TransactionalSink;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a run whose sink is late, or does not return at all. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SinkTimeoutTest {

  private static final Duration SHORT = Duration.ofMillis(300);

  private final EngineFixture fixture = new EngineFixture();
  private final AtomicInteger calls = new AtomicInteger();
  private final CountDownLatch inSink = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void letGo() {
    goOn.countDown();
  }

  private SyncEngineBuilder builder() {
    return fixture.builder().sinkTimeout(SHORT);
  }

  /** Waits whatever interrupts it. */
  private void hang() {
    calls.incrementAndGet();
    inSink.countDown();
    boolean released = false;
    while (!released) {
      try {
        goOn.await();
        released = true;
      } catch (InterruptedException e) {
        // As a sink does that knows better.
      }
    }
  }

  private void hangOnce() {
    fixture.sink.hook =
        batch -> {
          if (calls.get() == 0) {
            hang();
          }
        };
  }

  @Test
  void aLateSinkIsInterruptedAndTriedAgain() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    fixture.sink.hook =
        batch -> {
          if (calls.incrementAndGet() == 1) {
            TimeUnit.MINUTES.sleep(10);
          }
        };

    SyncResult result = builder().build().run();

    EngineFixture.assertResult(result, true, 50, 0, 50, "Sync completed: 50/50 trades processed");
    assertThat(calls).hasValue(2);
    fixture.assertEqualSides();
  }

  @Test
  void aSinkThatIsLateEachTimeFailsItsBatchAndNamesTheSetting() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    fixture.sink.hook =
        batch -> {
          if (batch.changes().get(0).key().id().equals("t0000000")) {
            TimeUnit.MINUTES.sleep(10);
          }
        };
    SyncEngine engine = builder().maxAttempts(2).groupCommit(1).build();

    assertThat(engine.run().errors()).isEqualTo(50);
    assertThat(engine.failedTrades(TradeKey.MIN, 100))
        .hasSize(50)
        .allSatisfy(
            failed ->
                assertThat(failed.reason())
                    .isEqualTo(
                        "the sink did not return within PT0.3S (sinkTimeout) and was interrupted"));
  }

  @Test
  void aSinkThatReturnsOnlyBecauseItWasInterruptedHasNotWritten() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    fixture.sink.hook =
        batch -> {
          if (calls.incrementAndGet() == 1) {
            try {
              TimeUnit.MINUTES.sleep(10);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };

    assertThat(builder().build().run().processed()).isEqualTo(50);
    assertThat(calls).hasValue(2);
    fixture.assertEqualSides();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aSinkThatNeverReturnsEndsTheRunAndFreesTheLease(int parallelism) {
    fixture.source.putAll(SampleTrades.trades(1_000, 1));
    hangOnce();
    SyncEngine engine = builder().parallelism(parallelism).build();

    SyncResult result = engine.run();

    assertThat(result.success()).isFalse();
    assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
    assertThat(result.message())
        .startsWith(
            "Sync stopped, the sink is not available: it did not return within PT0.3S"
                + " (sinkTimeout), and ignored the interrupt");
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();

    // Another engine, as in another process: neither the lease nor a lock is in its way.
    SyncResult other = fixture.builder().build().run();
    assertThat(other.success()).isTrue();
    assertThat(other.processed()).isEqualTo(1_000 - result.processed());
    fixture.assertEqualSides();

    goOn.countDown();
    await().until(() -> engine.run().success());
    fixture.assertEqualSides();
  }

  @Test
  void aSinkThatHasNotReturnedIsNotCalledAgain() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    fixture.sink.hook = batch -> hang();
    SyncEngine engine = builder().build();
    engine.run();

    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(engine::run)
        .withMessageContaining("the sink is not available: it did not return");
    assertThat(calls).hasValue(1);
    assertThatExceptionOfType(SideUnavailableException.class)
        .isThrownBy(() -> engine.ingest(SampleTrades.trades(1, 1)))
        .withMessageContaining("it did not return");
  }

  @Test
  void whatALateSinkDoesLaterCommitsNothing() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    hangOnce();
    SyncEngine engine = builder().build();
    engine.run();

    goOn.countDown();
    await().until(() -> engine.run().success());

    assertThat(fixture.sink.held.writes()).isEqualTo(50);
    fixture.assertEqualSides();
  }

  @Test
  void aSinkOutsideOfTheLogsTransactionCanHangToo() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    AnalyticsSink sink = batch -> hang();

    SyncResult result = builder().sink(sink).build().run();

    assertThat(result.message()).contains("the sink is not available: it did not return");
    assertThat(fixture.builder().build().run().processed()).isEqualTo(100);
  }

  @Test
  void deferredWorkThatNeverReturnsEndsTheRun() {
    fixture.source.putAll(SampleTrades.trades(10, 1));
    TransactionalSink<InMemoryTransaction> sink =
        new TransactionalSink<>() {
          @Override
          public Class<InMemoryTransaction> transactionType() {
            return InMemoryTransaction.class;
          }

          @Override
          public void write(TradeBatch batch, InMemoryTransaction transaction) {
            fixture.sink.held.write(batch, transaction);
          }

          @Override
          public boolean completeDeferred(InMemoryTransaction transaction) {
            hang();
            return false;
          }
        };

    SyncResult result = builder().sink(sink).build().run();

    assertThat(result.success()).isFalse();
    assertThat(result.message()).contains("the sink is not available: it did not return");
    assertThat(fixture.builder().build().run().success()).isTrue();
  }

  @Test
  void aLiveTradeWhoseSinkNeverReturnsHoldsNoLock() throws Exception {
    fixture.source.putAll(SampleTrades.trades(1, 1));
    hangOnce();
    SyncEngine engine = builder().build();
    CompletableFuture<Object> live =
        CompletableFuture.supplyAsync(() -> engine.ingest(SampleTrades.trades(1, 1)))
            .handle((result, thrown) -> result == null ? thrown : result);
    inSink.await();

    assertThat(fixture.builder().build().run().processed()).isEqualTo(1);

    goOn.countDown();
    assertThat(live.get()).isNotNull();
    fixture.assertEqualSides();
  }

  @Test
  void closeEndsInTimeAndLeavesNoLockBehind() throws Exception {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    hangOnce();
    SyncEngine engine = fixture.builder().sinkTimeout(Duration.ofHours(1)).build();
    CompletableFuture<SyncResult> run = CompletableFuture.supplyAsync(engine::run);
    inSink.await();
    long began = System.nanoTime();

    engine.close(Duration.ofMillis(500));

    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    assertThat(run.get().success()).isFalse();
    SyncEngine other = fixture.builder().build();
    await()
        .until(
            () -> {
              try {
                return other.run().processed() == 100;
              } catch (SyncAlreadyRunningException e) {
                return false;
              }
            });
    fixture.assertEqualSides();
  }

  // Interrupts

  static Stream<Exception> failuresOfAnInterruptedSink() {
    return Stream.of(
        new InterruptedException("its own"),
        new IOException("its own"),
        new IllegalStateException("its own"));
  }

  /** Sinks set the flag again before they throw, as they should if the interrupt is not theirs. */
  @ParameterizedTest
  @MethodSource("failuresOfAnInterruptedSink")
  void aSinkThatFailsAndSetsItsThreadsFlagEndsNoRun(Exception failure) {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    fixture.sink.hook =
        batch -> {
          if (batch.changes().stream().anyMatch(c -> c.key().id().equals("t0000007"))) {
            Thread.currentThread().interrupt();
            throw failure;
          }
        };

    SyncResult result = builder().maxAttempts(1).build().run();

    assertThat(result.outcome()).isEqualTo(RunOutcome.COMPLETED);
    assertThat(result.processed() + result.errors()).isEqualTo(100);
    assertThat(result.processed()).isGreaterThanOrEqualTo(50);
  }

  @Test
  void anInterruptedExceptionOfTheSinksOwnIsItsFailure() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    fixture.sink.hook =
        batch -> {
          if (batch.changes().stream().anyMatch(c -> c.key().id().equals("t0000007"))) {
            throw new InterruptedException("its own");
          }
        };
    SyncEngine engine = builder().build();

    SyncResult result = engine.run();

    EngineFixture.assertResult(
        result, true, 99, 1, 100, "Sync completed with errors: 99/100 trades processed");
    assertThat(engine.failedTrades(TradeKey.MIN, 2).get(0).reason()).isEqualTo("its own");
  }

  @Test
  void aSinkThatInterruptsItsThreadEndsNoRun() {
    fixture.source.putAll(SampleTrades.trades(200, 1));
    fixture.sink.hook = batch -> Thread.currentThread().interrupt();

    assertThat(builder().build().run().processed()).isEqualTo(200);
    fixture.assertEqualSides();
  }

  @Test
  void theInterruptOfALateSinkReachesNothingElse() {
    fixture.source.putAll(SampleTrades.trades(200, 1));
    AtomicBoolean seen = new AtomicBoolean();
    BreakableLog log = new BreakableLog(fixture.log);
    log.before =
        call -> {
          if (Thread.currentThread().isInterrupted()) {
            seen.set(true);
          }
        };
    fixture.sink.hook =
        batch -> {
          if (calls.incrementAndGet() % 3 == 1) {
            TimeUnit.MINUTES.sleep(10);
          }
        };

    assertThat(builder().log(log).build().run().processed()).isEqualTo(200);
    assertThat(seen).isFalse();
  }
}
