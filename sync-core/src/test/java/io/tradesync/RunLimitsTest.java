package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.spi.log.LeaseKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs that may write so many trades a second only, or may take so long only. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunLimitsTest {

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = builder().build();
  private final Instant began = fixture.clock.instant();
  private final List<Instant> writtenAt = new CopyOnWriteArrayList<>();

  private SyncEngineBuilder builder() {
    return fixture.builder().batchSize(10).groupCommit(1).leaseTtl(Duration.ofDays(1));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void aRunWritesNoMoreTradesASecondThanItMay() throws Exception {
    fixture.source.putAll(SampleTrades.trades(95, 1));
    fixture.sink.hook = batch -> writtenAt.add(fixture.clock.instant());
    RunHandle run = engine.submit(RunOptions.DEFAULT.maxTradesPerSecond(20));

    // A batch may begin each half second, however the clock moves.
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              fixture.clock.advance(Duration.ofMillis(70));
              return run.result().isDone();
            });

    assertThat(run.result().get().processed()).isEqualTo(95);
    assertThat(writtenAt).hasSize(10);
    for (int batch = 0; batch < 10; batch++) {
      assertThat(writtenAt.get(batch)).isAfterOrEqualTo(began.plusMillis(500L * batch));
    }
    fixture.assertEqualSides();
  }

  @Test
  void severalWorkersShareTheRate() throws Exception {
    fixture.source.putAll(SampleTrades.trades(60, 1));
    fixture.sink.hook = batch -> writtenAt.add(fixture.clock.instant());
    try (SyncEngine parallel = builder().parallelism(4).build()) {
      RunHandle run =
          parallel.submit(RunOptions.forceFromEpochSecond(T0 - 1).maxTradesPerSecond(10));
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(
              () -> {
                fixture.clock.advance(Duration.ofMillis(90));
                return run.result().isDone();
              });
    }
    List<Instant> sorted = writtenAt.stream().sorted().toList();
    assertThat(sorted).hasSize(6);
    for (int batch = 0; batch < 6; batch++) {
      assertThat(sorted.get(batch)).isAfterOrEqualTo(began.plusSeconds(batch));
    }
  }

  /** The clock stands still, so that the second batch never gets its turn. */
  private RunHandle runThatWaits(SyncEngine runner) {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    RunHandle run = runner.submit(RunOptions.DEFAULT.maxTradesPerSecond(1));
    await().until(() -> fixture.listener.progress.size() == 1);
    return run;
  }

  @Test
  void aRunThatWaitsForItsTurnIsCancelledAtOnce() throws Exception {
    RunHandle run = runThatWaits(engine);
    run.cancel();
    SyncResult result = run.result().get(20, TimeUnit.SECONDS);
    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(result.message()).isEqualTo("Sync cancelled: 10/100 trades processed");
  }

  @Test
  void aRunThatWaitsForItsTurnEndsWhenItsLeaseIsLost() throws Exception {
    try (SyncEngine shortLease = builder().leaseTtl(Duration.ofSeconds(1)).build()) {
      RunHandle run = runThatWaits(shortLease);
      // A batch takes its ten seconds, so that the next one has no turn yet. Between the clock and
      // the other run the lease may be renewed once more.
      await()
          .ignoreExceptions()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(1))
          .until(
              () -> {
                fixture.clock.set(began.plusSeconds(2));
                return fixture.log.lease().acquire(LeaseKind.RUN, "other", Duration.ofDays(1))
                    != null;
              });
      SyncResult result = run.result().get(20, TimeUnit.SECONDS);
      assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
      assertThat(result.message()).contains("lease").contains("10/100");
    }
  }

  @Test
  void aClockThatIsSetBackMakesNoBatchWaitLonger() throws Exception {
    RunHandle run = runThatWaits(engine);
    Instant back = fixture.clock.advance(Duration.ofDays(-1));
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              fixture.clock.advance(Duration.ofSeconds(1));
              return run.result().isDone();
            });
    assertThat(run.result().get().processed()).isEqualTo(100);
    assertThat(fixture.clock.instant()).isAfter(back);
  }

  @Test
  void aRunEndsWhenItsTimeIsOver() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    fixture.sink.hook = batch -> fixture.clock.advance(Duration.ofSeconds(10));
    SyncResult result = engine.run(RunOptions.DEFAULT.maxDuration(Duration.ofSeconds(35)));
    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(result.success()).isFalse();
    assertThat(result.message())
        .isEqualTo("Sync cancelled, maxDuration PT35S reached: 40/100 trades processed");
    assertThat(fixture.sink.held.trades()).hasSize(40);
    assertThat(engine.findRun(result.runId()).orElseThrow().message()).isEqualTo(result.message());

    fixture.sink.hook = batch -> {};
    assertThat(engine.run(RunOptions.DEFAULT.maxDuration(Duration.ofSeconds(35))).message())
        .isEqualTo("Sync completed: 60/60 trades processed");
    fixture.assertEqualSides();
  }

  @Test
  void aRunThatWaitsForItsTurnEndsWhenItsTimeIsOver() throws Exception {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    RunHandle run =
        engine.submit(RunOptions.DEFAULT.maxTradesPerSecond(1).maxDuration(Duration.ofSeconds(5)));
    await().until(() -> fixture.listener.progress.size() == 1);
    fixture.clock.advance(Duration.ofSeconds(5));
    assertThat(run.result().get(20, TimeUnit.SECONDS).message())
        .isEqualTo("Sync cancelled, maxDuration PT5S reached: 10/100 trades processed");
  }

  @Test
  void aForceWhoseTimeIsOverIsNotResumed() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    engine.run();
    fixture.sink.hook = batch -> fixture.clock.advance(Duration.ofSeconds(10));
    SyncResult result =
        engine.run(RunOptions.forceFromEpochSecond(T0 - 1).maxDuration(Duration.ofSeconds(15)));
    assertThat(result.message())
        .isEqualTo("Sync cancelled, maxDuration PT15S reached: 20/100 trades processed");
    fixture.sink.attempts.clear();
    engine.run();
    assertThat(fixture.sink.attempts).isEmpty();
    fixture.assertSameTrades();
  }

  /** Otherwise a short run would be the end of a force that nobody asked to end. */
  @Test
  void aForceThatAShortRunResumesIsResumedAgain() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    engine.run();
    fixture.log.runs().begin("died", RunKind.FORCE, "host", ForcedTrades.after(T0 - 1));
    fixture.sink.hook = batch -> fixture.clock.advance(Duration.ofSeconds(10));
    fixture.sink.attempts.clear();

    RunOptions brief = RunOptions.DEFAULT.maxDuration(Duration.ofSeconds(35));
    assertThat(engine.run(brief).success()).isTrue();
    assertThat(fixture.sink.attempts).hasSize(4);
    assertThat(engine.runs(1).get(0).outcome()).isEqualTo(RunOutcome.ABORTED);
    assertThat(engine.runs(1).get(0).message())
        .isEqualTo(
            "Sync ended, maxDuration PT35S reached; resumed by a later run: 40/100 trades"
                + " processed");
    assertThat(engine.run(brief).success()).isTrue();
    assertThat(engine.run(brief).success()).isTrue();

    assertThat(
            fixture.sink.attempts.stream()
                .flatMap(batch -> EngineFixture.keys(batch).stream())
                .toList())
        .isEqualTo(SampleTrades.keys(fixture.source.trades()));
    assertThat(engine.runs(1).get(0).outcome()).isEqualTo(RunOutcome.COMPLETED);
    fixture.assertSameTrades();
  }
}
