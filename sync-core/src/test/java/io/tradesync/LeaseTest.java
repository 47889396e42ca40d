package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.TradeSource;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several engines and live paths on one log. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LeaseTest {

  private final EngineFixture fixture = new EngineFixture();

  @Test
  void whoComesSecondIsToldWhichRunIsUnderWay() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    SyncEngine first = fixture.builder().runIds(() -> "first").build();
    SyncEngine second = fixture.builder().runIds(() -> "second").build();
    AtomicReference<RuntimeException> thrown = new AtomicReference<>();
    fixture.sink.hook =
        batch -> {
          try {
            second.run();
          } catch (RuntimeException e) {
            thrown.set(e);
          }
        };
    assertThat(first.run().processed()).isEqualTo(50);
    assertThat(thrown.get())
        .isInstanceOfSatisfying(
            SyncAlreadyRunningException.class,
            e -> {
              assertThat(e.runId()).isEqualTo("first");
              assertThat(e.startedAt()).isEqualTo(fixture.clock.instant());
            })
        .hasMessage("run first is under way since 2025-08-05T13:20:00Z");
    assertThat(first.runs(10)).extracting(SyncRun::id).containsExactly("first");
    assertThat(fixture.listener.results).hasSize(1);
    fixture.assertEqualSides();
  }

  /** As a pool hands it out after the server was restarted. */
  @ParameterizedTest
  @ValueSource(strings = {"acquire", "begin", "update", "release"})
  void aBrokenConnectionKeepsNoRunFromBeginningOrEnding(String broken) {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    BreakableLog log = new BreakableLog(fixture.log);
    SyncEngine engine = fixture.builder().log(log).build();
    AtomicInteger calls = new AtomicInteger();
    log.before =
        call -> {
          if (call.equals(broken) && calls.getAndIncrement() == 0) {
            throw BreakableLog.unreachable();
          }
        };
    SyncResult result = engine.run();
    assertThat(result.success()).isTrue();
    assertThat(calls).hasValueGreaterThan(1);
    assertThat(engine.findRun(result.runId()).orElseThrow().outcome())
        .isEqualTo(RunOutcome.COMPLETED);
    assertThat(engine.run().success()).isTrue();
  }

  @Test
  void oneEngineRunsOnceAtATimeToo() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    SyncEngine engine = fixture.builder().build();
    fixture.sink.hook =
        batch ->
            assertThatExceptionOfType(SyncAlreadyRunningException.class)
                .isThrownBy(
                    () -> EngineFixture.onAnotherThread(() -> engine.forceFromEpochSecond(T0)));
    assertThat(engine.run().processed()).isEqualTo(50);
  }

  @Test
  void healthAndTheLivePathDoNotWaitForARun() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    SyncEngine engine = fixture.builder().build();
    AtomicReference<SyncHealth> health = new AtomicReference<>();
    AtomicReference<IngestResult> ingested = new AtomicReference<>();
    fixture.sink.hook =
        batch -> {
          fixture.sink.hook = other -> {};
          Trade live = SampleTrades.trade("live", T0 + 99);
          EngineFixture.onAnotherThread(
              () -> {
                health.set(engine.health());
                fixture.source.put(live);
                ingested.set(engine.ingest(List.of(live)));
              });
        };
    engine.run();
    assertThat(health.get().missedTrades()).isEqualTo(50);
    assertThat(ingested.get().written()).hasSize(1);
    fixture.assertEqualSides();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void twoEnginesAtOnceWriteEachTradeOnce(int parallelism) throws Exception {
    for (int round = 0; round < 20; round++) {
      EngineFixture here = new EngineFixture();
      here.source.putAll(SampleTrades.trades(700, 1));
      ExecutorService threads = Executors.newFixedThreadPool(2);
      CountDownLatch start = new CountDownLatch(1);
      AtomicInteger refused = new AtomicInteger();
      List<Future<Long>> runs = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        SyncEngine engine = here.builder().parallelism(parallelism).build();
        runs.add(
            threads.submit(
                () -> {
                  start.await();
                  try {
                    return engine.run().processed();
                  } catch (SyncAlreadyRunningException e) {
                    refused.incrementAndGet();
                    return 0L;
                  }
                }));
      }
      start.countDown();
      long processed = 0;
      for (Future<Long> run : runs) {
        processed += run.get();
      }
      threads.shutdown();
      assertThat(processed).isEqualTo(700);
      assertThat(refused.get()).isLessThan(2);
      here.assertEqualSides();
    }
  }

  @Test
  void livePathsAndARunMeetOnTheSameTrades() throws Exception {
    for (int round = 0; round < 10; round++) {
      EngineFixture here = new EngineFixture();
      List<Trade> trades = SampleTrades.trades(2_000, 1);
      here.source.putAll(trades);
      SyncEngine engine = here.builder().batchSize(20).parallelism(4).build();
      ExecutorService threads = Executors.newFixedThreadPool(4);
      AtomicInteger live = new AtomicInteger();
      List<Future<?>> paths = new ArrayList<>();
      for (int path = 0; path < 4; path++) {
        int from = path * 300;
        paths.add(
            threads.submit(
                () -> {
                  for (int i = from; i < from + 1_000; i += 9) {
                    IngestResult result = engine.ingest(trades.subList(i, i + 9));
                    assertThat(result.written().size() + result.known().size()).isEqualTo(9);
                    live.addAndGet(result.written().size());
                  }
                }));
      }
      SyncResult result = engine.run();
      for (Future<?> path : paths) {
        path.get();
      }
      threads.shutdown();
      assertThat(result.success()).isTrue();
      assertThat(result.processed() + result.errors()).isEqualTo(result.total());
      assertThat(live.get()).isLessThanOrEqualTo(2_000);
      here.assertEqualSides();
    }
  }

  @Test
  void afterATakeoverTheOldHolderCommitsNothing() {
    fixture.source.putAll(SampleTrades.trades(1_000, 1));
    BreakableLog watched = new BreakableLog(fixture.log);
    AtomicReference<SyncResult> takeover = new AtomicReference<>();
    SyncListener pausing =
        new SyncListener() {
          @Override
          public void batchFinished(BatchProgress progress) {
            if (progress.run().batch() == 3) {
              // As a process that was frozen for longer than its lease lasts.
              fixture.clock.advance(SyncEngineBuilder.DEFAULT_LEASE_TTL);
              takeover.set(fixture.builder().build().run());
              watched.transactions.set(0);
            }
          }
        };
    SyncEngine frozen = fixture.builder().log(watched).listener(pausing).groupCommit(1).build();
    SyncResult result = frozen.run();
    assertThat(takeover.get().processed()).isEqualTo(850);
    assertThat(result.success()).isFalse();
    assertThat(result.processed()).isEqualTo(150);
    assertThat(result.message())
        .isEqualTo(
            "Sync stopped, run "
                + result.runId()
                + " no longer holds its lease; another run may have taken over"
                + ": 150/1000 trades processed");
    // A lost lease is not tried again.
    assertThat(watched.transactions).hasValue(1);
    assertThat(frozen.failedTrades(TradeKey.MIN, 10)).isEmpty();
    fixture.assertEqualSides();
  }

  @Test
  void aRunThatLostItsLeaseStopsLookingForWork() {
    fixture.source.putAll(SampleTrades.trades(10_000, 1));
    BreakableLog log = new BreakableLog(fixture.log);
    CountDownLatch renewal = new CountDownLatch(2);
    log.before =
        call -> {
          if (call.equals("renew")) {
            renewal.countDown();
          }
        };
    AtomicInteger asked = new AtomicInteger();
    TradeSource source =
        new MinimalSource(fixture.source) {
          @Override
          public List<SourceDigest> digests(KeyRange range, long bucketSeconds) {
            if (asked.incrementAndGet() == 1) {
              fixture.clock.advance(Duration.ofHours(1));
              fixture.builder().build().run();
              awaitUninterruptibly(renewal);
            }
            return super.digests(range, bucketSeconds);
          }
        };
    SyncResult result =
        fixture.builder().source(source).log(log).leaseTtl(Duration.ofSeconds(1)).build().run();
    assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
    assertThat(result.message()).contains("no longer holds its lease");
    assertThat(asked).hasValue(1);
    fixture.assertEqualSides();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aBatchUnderWayIsNotTakenOver() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    SyncEngine engine = fixture.builder().build();
    SyncEngine other = fixture.builder().build();
    fixture.sink.hook =
        batch -> {
          fixture.clock.advance(Duration.ofHours(1));
          assertThatExceptionOfType(SyncAlreadyRunningException.class).isThrownBy(other::run);
        };
    assertThat(engine.run().processed()).isEqualTo(50);
    fixture.assertEqualSides();
  }

  @Test
  void aRunKeepsItsLeaseAsLongAsItLasts() {
    InMemorySyncLog real = new InMemorySyncLog("analytics", Clock.systemUTC());
    BreakableLog log = new BreakableLog(real);
    CountDownLatch renewals = new CountDownLatch(2);
    log.before =
        call -> {
          if (call.equals("renew")) {
            renewals.countDown();
            if (renewals.getCount() == 1) {
              throw BreakableLog.unreachable();
            }
          }
        };
    fixture.source.putAll(SampleTrades.trades(1, 1));
    fixture.sink.hook = batch -> renewals.await();
    SyncResult result = fixture.builder().log(log).leaseTtl(Duration.ofSeconds(1)).build().run();
    assertThat(result.success()).isTrue();
  }

  @Test
  void theLeaseIsGivenBackHoweverARunEnds() {
    fixture.source.putAll(SampleTrades.trades(50, 1));
    SyncEngine engine = fixture.builder().build();
    InterceptingSink.Hook gone =
        batch -> {
          throw new IOException("refused");
        };
    fixture.sink.hook = gone;
    fixture.sink.probe = gone;
    assertThat(engine.run().outcome()).isEqualTo(RunOutcome.FAILED);
    fixture.sink.hook =
        batch -> {
          throw new IllegalArgumentException("no");
        };
    assertThat(engine.run().outcome()).isEqualTo(RunOutcome.COMPLETED);
    assertThat(engine.run().outcome()).isEqualTo(RunOutcome.COMPLETED);
    assertThat(engine.runs(2)).hasSize(2);
    assertThat(engine.runs(10))
        .extracting(SyncRun::outcome)
        .containsExactly(RunOutcome.COMPLETED, RunOutcome.COMPLETED, RunOutcome.FAILED);
  }
}
