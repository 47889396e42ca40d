package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.log.RunLease;
import io.tradesync.spi.log.SyncLog;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs end early when they are asked to, at a border between two batches. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CancellationTest {

  private final EngineFixture fixture = new EngineFixture();
  private final AtomicInteger batches = new AtomicInteger();
  private final CountDownLatch inSink = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void letGo() {
    goOn.countDown();
  }

  private void holdTheFirstBatch() {
    fixture.sink.hook =
        batch -> {
          inSink.countDown();
          goOn.await();
        };
  }

  @Test
  void aRunIsCancelledByItsIdFromAnotherEngine() throws Exception {
    fixture.source.putAll(SampleTrades.trades(1_000, 1));
    holdTheFirstBatch();
    // The second answer proves that the first one has been acted upon.
    CountDownLatch heard = new CountDownLatch(2);
    SyncEngine engine =
        fixture
            .builder()
            .log(noticingCancel(heard))
            .leaseTtl(Duration.ofSeconds(1))
            .parallelism(1)
            .groupCommit(1)
            .build();
    SyncEngine other = fixture.builder().build();
    RunHandle run = engine.submit(RunOptions.DEFAULT);
    inSink.await();

    assertThat(other.cancelRun("unknown")).isFalse();
    assertThat(other.cancelRun(run.runId())).isTrue();
    heard.await();
    goOn.countDown();

    SyncResult result = run.result().get(20, TimeUnit.SECONDS);
    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(result.processed()).isPositive().isLessThan(1_000);
    assertThat(other.cancelRun(run.runId())).isFalse();
    assertThat(other.run().success()).isTrue();
    fixture.assertEqualSides();
  }

  /** The log of the fixture; counts the answers by which a holder hears that it is to stop. */
  private SyncLog noticingCancel(CountDownLatch heard) {
    RunLease lease =
        intercepted(
            RunLease.class,
            fixture.log.lease(),
            (method, answer) -> {
              if (method.equals("isCancelRequested") && Boolean.TRUE.equals(answer)) {
                heard.countDown();
              }
              return answer;
            });
    return intercepted(
        SyncLog.class, fixture.log, (method, answer) -> method.equals("lease") ? lease : answer);
  }

  private static <T> T intercepted(
      Class<T> type, T target, BiFunction<String, Object, Object> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              try {
                return answers.apply(method.getName(), method.invoke(target, arguments));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  @Test
  void aCancelledRunCommitsWhatIsUnderWayAndTheNextOneGoesOn() {
    fixture.source.putAll(SampleTrades.trades(1_000, 1));
    SyncEngine engine = fixture.builder().groupCommit(1).build();
    fixture.sink.hook =
        batch -> {
          if (batches.incrementAndGet() == 3) {
            engine.cancel();
          }
        };
    SyncResult result = engine.run();
    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
    EngineFixture.assertResult(
        result, false, 150, 0, 1_000, "Sync cancelled: 150/1000 trades processed");
    assertThat(engine.findRun(result.runId()))
        .hasValueSatisfying(
            run -> {
              assertThat(run.outcome()).isEqualTo(RunOutcome.CANCELLED);
              assertThat(run.through()).isEqualTo(new TradeKey(T0 + 149, "t0000149"));
            });
    EngineFixture.assertResult(
        engine.run(), true, 850, 0, 850, "Sync completed: 850/850 trades processed");
    fixture.assertEqualSides();
  }

  @Test
  void severalBatchesUnderWayAreCommitted() {
    fixture.source.putAll(SampleTrades.trades(2_000, 1));
    SyncEngine engine = fixture.builder().batchSize(10).groupCommit(1).parallelism(8).build();
    fixture.sink.hook =
        batch -> {
          if (batches.incrementAndGet() == 20) {
            engine.cancel();
          }
        };
    SyncResult result = engine.run();
    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(result.processed()).isEqualTo(fixture.sink.held.writes()).isBetween(130L, 280L);
    assertThat(engine.run().processed()).isEqualTo(2_000 - result.processed());
    fixture.assertEqualSides();
  }

  @Test
  void batchesThatWereReadAndNotBegunAreLeftOut() throws Exception {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    SyncEngine engine = fixture.builder().build();
    holdTheFirstBatch();
    CompletableFuture<SyncResult> run = async(engine::run);
    inSink.await();
    await().until(() -> isInLanes("await"));
    engine.cancel();
    goOn.countDown();
    assertThat(run.get().outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(run.get().processed()).isEqualTo(50);
  }

  static boolean isInLanes(String method) {
    return Thread.getAllStackTraces().values().stream()
        .anyMatch(
            stack ->
                Arrays.stream(stack)
                    .anyMatch(
                        frame ->
                            frame.getClassName().endsWith(".BatchWorkers")
                                && frame.getMethodName().equals(method)));
  }

  @Test
  void aRunThatHasNothingLeftToDoIsComplete() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    SyncEngine engine = fixture.builder().build();
    fixture.sink.hook =
        batch -> {
          if (batches.incrementAndGet() == 2) {
            engine.cancel();
          }
        };
    assertThat(engine.run().outcome()).isEqualTo(RunOutcome.COMPLETED);
  }

  @Test
  void withoutARunThereIsNothingToCancel() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    SyncEngine engine = fixture.builder().build();
    engine.cancel();
    assertThat(engine.run().outcome()).isEqualTo(RunOutcome.COMPLETED);
  }

  @Test
  void aForceCanBeCancelled() {
    fixture.source.putAll(SampleTrades.trades(1_000, 1));
    SyncEngine engine = fixture.builder().build();
    fixture.sink.hook = batch -> engine.cancel();
    SyncResult result = engine.forceFromEpochSecond(T0 - 1);
    EngineFixture.assertResult(
        result, false, 50, 0, 1_000, "Sync cancelled: 50/1000 trades processed");
  }

  /** A long table of which little is asked at a time. */
  private final class SlowSource implements TradeSource {
    private final AtomicInteger asked = new AtomicInteger();
    private final Runnable onDigest;

    SlowSource(Runnable onDigest) {
      this.onDigest = onDigest;
    }

    @Override
    public SourcePage<Trade> page(KeyRange range, int limit) {
      return fixture.source.page(range, limit);
    }

    @Override
    public SourcePage<Trade> byIds(Collection<String> ids) {
      return fixture.source.byIds(ids);
    }

    private void ask(long rows) {
      onDigest.run();
      asked.incrementAndGet();
      if (rows > 100) {
        throw SideUnavailableException.tooSlow(Side.SOURCE, "too many", null);
      }
    }

    @Override
    public List<SourceDigest> digests(KeyRange range, long bucketSeconds) {
      List<SourceDigest> digests = fixture.source.digests(range, bucketSeconds);
      ask(digests.stream().mapToLong(SourceDigest::count).sum());
      return digests;
    }

    @Override
    public long count(KeyRange range) {
      long count = fixture.source.count(range);
      ask(count);
      return count;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRunIsCancelledWhileItLooksForWhatToDo(boolean forced) {
    fixture.source.putAll(SampleTrades.trades(10_000, 1));
    AtomicReference<SyncEngine> engine = new AtomicReference<>();
    SlowSource source = new SlowSource(() -> engine.get().cancel());
    engine.set(fixture.builder().source(source).build());
    SyncResult result = forced ? engine.get().forceFromEpochSecond(T0) : engine.get().run();
    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(source.asked.get()).isLessThan(3);
    assertThat(fixture.sink.attempts).isEmpty();
  }

  @Test
  void anInterruptCancelsARunAndStaysToBeSeen() throws Exception {
    fixture.source.putAll(SampleTrades.trades(5_000, 1));
    SyncEngine engine = fixture.builder().groupCommit(1).build();
    holdTheFirstBatch();
    AtomicBoolean flag = new AtomicBoolean();
    AtomicReference<SyncResult> result = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              result.set(engine.run());
              flag.set(Thread.currentThread().isInterrupted());
            });
    thread.start();
    inSink.await();
    thread.interrupt();
    // It waits again, so it has passed the interrupt on.
    await().until(() -> !thread.isInterrupted() && thread.getState() == Thread.State.WAITING);
    goOn.countDown();
    thread.join();
    assertThat(result.get().outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(result.get().success()).isFalse();
    assertThat(flag).isTrue();
    assertThat(result.get().processed()).isEqualTo(fixture.sink.held.writes()).isLessThan(200);
    engine.run();
    fixture.assertEqualSides();
  }

  @Test
  void aThreadThatIsInterruptedAlreadyWritesNothing() {
    fixture.source.putAll(SampleTrades.trades(10, 1));
    SyncEngine engine = fixture.builder().build();
    Thread.currentThread().interrupt();
    SyncResult result = engine.run();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(fixture.sink.attempts).isEmpty();
  }

  /** A driver that, as many do, refuses to work on an interrupted thread. */
  @Test
  void anInterruptedRunIsInTheRunHistoryAndReleasesItsLease() throws Exception {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    BreakableLog log = new BreakableLog(fixture.log);
    SyncEngine engine = fixture.builder().log(log).build();
    log.before =
        call -> {
          if (Thread.currentThread().isInterrupted()) {
            throw BreakableLog.unreachable();
          }
        };
    holdTheFirstBatch();
    AtomicReference<SyncResult> result = new AtomicReference<>();
    AtomicBoolean flag = new AtomicBoolean();
    Thread thread =
        new Thread(
            () -> {
              result.set(engine.run());
              flag.set(Thread.currentThread().isInterrupted());
            });
    thread.start();
    inSink.await();
    thread.interrupt();
    goOn.countDown();
    thread.join();
    assertThat(flag).isTrue();
    assertThat(engine.findRun(result.get().runId()).orElseThrow().outcome())
        .isEqualTo(result.get().outcome())
        .isIn(RunOutcome.COMPLETED, RunOutcome.CANCELLED);
    assertThat(engine.run().success()).isTrue();
    fixture.assertEqualSides();
  }

  @Test
  void anInterruptOfARunThatIsEndingDoesNotKeepItFromEnding() throws Exception {
    fixture.source.putAll(SampleTrades.trades(3_000, 1));
    AtomicReference<SyncEngine> engine = new AtomicReference<>();
    AtomicInteger pages = new AtomicInteger(Integer.MIN_VALUE);
    TradeSource source =
        new MinimalSource(fixture.source) {
          @Override
          public SourcePage<Trade> page(KeyRange range, int limit) {
            if (pages.incrementAndGet() == 2) {
              await().until(() -> inSink.getCount() == 0);
              engine.get().cancel();
            }
            return super.page(range, limit);
          }
        };
    SyncListener planned =
        new SyncListener() {
          @Override
          public void runPlanned(String runId, long total) {
            pages.set(0);
          }
        };
    BreakableLog log = new BreakableLog(fixture.log);
    engine.set(
        fixture.builder().source(source).log(log).listener(planned).batchSize(1_000).build());
    log.before =
        call -> {
          if (Thread.currentThread().isInterrupted()) {
            throw BreakableLog.unreachable();
          }
        };
    holdTheFirstBatch();
    AtomicReference<SyncResult> result = new AtomicReference<>();
    Thread thread = new Thread(() -> result.set(engine.get().run()));
    thread.start();
    await().until(() -> isInLanes("close"));
    thread.interrupt();
    goOn.countDown();
    thread.join();
    assertThat(result.get().outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(fixture.log.runs().find(result.get().runId()).orElseThrow().outcome())
        .isEqualTo(RunOutcome.CANCELLED);
    assertThat(fixture.builder().build().run().success()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"release", "update"})
  void anInterruptInTheMiddleOfTheEndIsNoObstacle(String interrupted) {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    BreakableLog log = new BreakableLog(fixture.log);
    AtomicBoolean isFirst = new AtomicBoolean(true);
    log.before =
        call -> {
          if (call.equals(interrupted) && isFirst.getAndSet(false)) {
            Thread.currentThread().interrupt();
          }
          if (Thread.currentThread().isInterrupted()) {
            throw BreakableLog.unreachable();
          }
        };

    SyncResult result = fixture.builder().log(log).build().run();

    assertThat(isFirst).isFalse();
    assertThat(fixture.log.runs().find(result.runId()).orElseThrow().outcome())
        .isEqualTo(result.outcome());
    assertThat(fixture.builder().build().run().success()).isTrue();
  }

  @Test
  void anInterruptWhileTheSourceIsWaitedForCancelsToo() throws Exception {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    AtomicBoolean gone = new AtomicBoolean();
    TradeSource source =
        new MinimalSource(fixture.source) {
          @Override
          public SourcePage<Trade> page(KeyRange range, int limit) {
            if (gone.get()) {
              inSink.countDown();
              throw SideUnavailableException.unreachable(Side.SOURCE, "refused", null);
            }
            return super.page(range, limit);
          }
        };
    SyncEngine engine = fixture.builder().source(source).retryDelay(Duration.ofMinutes(10)).build();
    gone.set(true);
    AtomicReference<SyncResult> result = new AtomicReference<>();
    AtomicBoolean flag = new AtomicBoolean();
    Thread thread =
        new Thread(
            () -> {
              result.set(engine.run());
              flag.set(Thread.currentThread().isInterrupted());
            });
    thread.start();
    inSink.await();
    thread.interrupt();
    thread.join();
    assertThat(result.get().outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(flag).isTrue();
  }

  @Test
  void anInterruptOfALivePathMarksNothing() throws Exception {
    SyncEngine engine = fixture.builder().build();
    fixture.sink.hook =
        batch -> {
          inSink.countDown();
          TimeUnit.MINUTES.sleep(1);
        };
    List<Trade> trades = SampleTrades.trades(3, 1);
    AtomicBoolean flag = new AtomicBoolean();
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                engine.ingest(trades);
                thrown.complete(null);
              } catch (RuntimeException e) {
                flag.set(Thread.currentThread().isInterrupted());
                thrown.complete(e);
              }
            });
    thread.start();
    inSink.await();
    thread.interrupt();
    assertThat(thrown.get()).isInstanceOf(TradesyncException.class);
    assertThat(flag).isTrue();
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
    fixture.sink.hook = batch -> {};
    assertThat(engine.ingest(trades).written()).hasSize(3);
  }

  @Test
  void closeWaitsForARunUnderWay() throws Exception {
    fixture.source.putAll(SampleTrades.trades(1_000, 1));
    SyncEngine engine = fixture.builder().build();
    holdTheFirstBatch();
    CompletableFuture<SyncResult> run = async(engine::run);
    inSink.await();
    CompletableFuture<Boolean> closed =
        async(
            () -> {
              engine.close();
              return run.isDone();
            });
    assertThatExceptionOfType(TimeoutException.class)
        .isThrownBy(() -> closed.get(200, TimeUnit.MILLISECONDS));
    goOn.countDown();
    closed.get();
    assertThat(run.get().outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(fixture.log.runs().find(run.get().runId()).orElseThrow().outcome())
        .isEqualTo(RunOutcome.CANCELLED);
    assertThat(fixture.sink.held.writes()).isEqualTo(50);
    engine.close();
  }

  @Test
  void aListenerMayCloseTheEngine() {
    fixture.source.putAll(SampleTrades.trades(200, 1));
    AtomicReference<SyncEngine> engine = new AtomicReference<>();
    SyncListener closing =
        new SyncListener() {
          @Override
          public void batchFinished(BatchProgress progress) {
            engine.get().close();
          }
        };
    engine.set(fixture.builder().listener(closing).build());
    SyncResult result = engine.get().run();
    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(result.processed()).isEqualTo(50);
  }

  @Test
  void aListenerMayCloseTheEngineWhileSomebodyElseDoes() throws Exception {
    fixture.source.putAll(SampleTrades.trades(200, 1));
    AtomicReference<SyncEngine> engine = new AtomicReference<>();
    SyncListener closing =
        new SyncListener() {
          @Override
          public void batchFinished(BatchProgress progress) {
            engine.get().close();
          }
        };
    engine.set(fixture.builder().listener(closing).build());
    holdTheFirstBatch();
    engine.get().start(Duration.ofDays(1));
    inSink.await();
    CompletableFuture<Void> closed = asyncRun(engine.get()::close);
    assertThatExceptionOfType(TimeoutException.class)
        .isThrownBy(() -> closed.get(200, TimeUnit.MILLISECONDS));
    goOn.countDown();
    closed.get(5, TimeUnit.SECONDS);
    assertThat(fixture.sink.held.writes()).isEqualTo(50);
  }

  @Test
  void aSinkThatIsInterruptedByItsOwnMeansIsNoInterruptOfTheRun() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    fixture.sink.hook =
        batch -> {
          throw new IOException(new InterruptedException("its own"));
        };
    SyncResult result = fixture.builder().build().run();
    assertThat(result.outcome()).isEqualTo(RunOutcome.COMPLETED);
    assertThat(result.errors()).isEqualTo(100);
  }

  // Not on the common pool, whose one thread on two cores would do one thing after the other.
  private static <T> CompletableFuture<T> async(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, task -> new Thread(task).start());
  }

  private static CompletableFuture<Void> asyncRun(Runnable work) {
    return CompletableFuture.runAsync(work, task -> new Thread(task).start());
  }
}
