package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A submitted run is under way beside its caller, and a closed engine waits no longer than asked.
 */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SubmittedRunTest {

  private final EngineFixture fixture = new EngineFixture();
  private final CountDownLatch inSink = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void letGo() {
    goOn.countDown();
  }

  private void holdTheFirstBatch() {
    fixture.source.putAll(SampleTrades.trades(200, 1));
    fixture.sink.hook =
        batch -> {
          inSink.countDown();
          goOn.await();
        };
  }

  @Test
  void aHandleTellsTheIdAtOnceAndTheResultAtTheEnd() throws Exception {
    holdTheFirstBatch();
    SyncEngine engine = fixture.builder().build();

    RunHandle run = engine.submit(RunOptions.DEFAULT);
    inSink.await();
    assertThat(engine.findRun(run.runId()).orElseThrow().outcome()).isEqualTo(RunOutcome.RUNNING);
    assertThat(run.progress().total()).isEqualTo(200);
    assertThat(run.result()).isNotDone();
    goOn.countDown();

    SyncResult result = run.result().get(10, TimeUnit.SECONDS);
    assertThat(result.runId()).isEqualTo(run.runId());
    assertThat(result.processed()).isEqualTo(200);
    assertThat(run.progress().processed()).isEqualTo(200);
  }

  @Test
  void aSecondSubmitIsToldWhichRunHoldsTheLease() throws Exception {
    holdTheFirstBatch();
    SyncEngine engine = fixture.builder().build();
    RunHandle first = engine.submit(RunOptions.DEFAULT);
    inSink.await();

    assertThatExceptionOfType(SyncAlreadyRunningException.class)
        .isThrownBy(() -> engine.submit(RunOptions.DEFAULT))
        .satisfies(e -> assertThat(e.runId()).isEqualTo(first.runId()));
  }

  @Test
  void aSubmittedRunIsCancelledBetweenTwoBatches() throws Exception {
    holdTheFirstBatch();
    SyncEngine engine = fixture.builder().groupCommit(1).build();
    RunHandle run = engine.submit(RunOptions.DEFAULT);
    inSink.await();

    run.cancel();
    goOn.countDown();

    SyncResult result = run.result().get(10, TimeUnit.SECONDS);
    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(result.processed()).isEqualTo(50);
  }

  @Test
  void aForceIsSubmittedLikeARun() throws Exception {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    SyncEngine engine = fixture.builder().build();
    engine.run();

    SyncResult result =
        engine
            .submit(RunOptions.forceFromEpochSecond(SampleTrades.T0 - 1))
            .result()
            .get(10, TimeUnit.SECONDS);

    assertThat(result.processed()).isEqualTo(100);
    assertThat(engine.runs(1).get(0).kind()).isEqualTo(RunKind.FORCE);
  }

  @Test
  void aCloseInterruptsASinkThatDoesNotReturnInTime() throws Exception {
    holdTheFirstBatch();
    SyncEngine engine = fixture.builder().build();
    RunHandle run = engine.submit(RunOptions.DEFAULT);
    inSink.await();

    engine.close(Duration.ofSeconds(1));

    // The interrupted sink has failed, and its transaction was rolled back.
    assertThat(run.result().get(10, TimeUnit.SECONDS).outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(fixture.sink.held.writes()).isZero();
  }

  @Test
  void aCloseDoesNotWaitForASinkThatIgnoresTheInterrupt() throws Exception {
    fixture.source.putAll(SampleTrades.trades(200, 1));
    fixture.sink.hook =
        batch -> {
          inSink.countDown();
          // Deaf to every interrupt.
          while (goOn.getCount() > 0) {
            Thread.onSpinWait();
          }
        };
    SyncEngine engine = fixture.builder().build();
    RunHandle run = engine.submit(RunOptions.DEFAULT);
    inSink.await();

    long began = System.nanoTime();
    engine.close(Duration.ofMillis(500));

    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    assertThat(run.result().get(10, TimeUnit.SECONDS).outcome()).isEqualTo(RunOutcome.CANCELLED);
  }

  /** As a container does that stops its parts first, and then closes each of them. */
  @Test
  void aFurtherCloseDoesNotWaitForASourceThatIgnoresTheInterrupt() throws Exception {
    CountDownLatch inSource = new CountDownLatch(1);
    TradeSource deaf =
        new TradeSource() {
          @Override
          public SourcePage<Trade> page(KeyRange range, int limit) {
            inSource.countDown();
            // As a JDBC driver that waits for an answer.
            while (goOn.getCount() > 0) {
              Thread.onSpinWait();
            }
            return SourcePage.last(List.of());
          }

          @Override
          public SourcePage<Trade> byIds(Collection<String> ids) {
            return SourcePage.last(List.of());
          }
        };
    SyncEngine engine = fixture.builder().source(deaf).build();
    RunHandle run = engine.submit(RunOptions.DEFAULT);
    inSource.await();
    engine.close(Duration.ofMillis(200));
    assertThat(run.result()).isCompleted();

    long began = System.nanoTime();
    engine.close(Duration.ofMinutes(1));

    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void aClosedEngineDoesNoWork() {
    SyncEngine engine = fixture.builder().build();
    engine.close();

    assertThatIllegalStateException().isThrownBy(engine::run);
    assertThatIllegalStateException().isThrownBy(() -> engine.submit(RunOptions.DEFAULT));
    assertThatIllegalStateException().isThrownBy(engine::health);
    assertThatIllegalStateException().isThrownBy(engine::audit);
    assertThatIllegalStateException().isThrownBy(() -> engine.ingest(List.of()));
    assertThatIllegalStateException().isThrownBy(() -> engine.catchUp(List.of()));
    assertThatIllegalStateException().isThrownBy(() -> engine.start(Duration.ofMinutes(1)));
  }
}
