package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.tradesync.spi.ActivityListener;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.TradeBatch;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches that wait are written in one transaction; what fails still costs its own batch only. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GroupCommitTest {

  private static final int TRADES = 2_000;

  private final EngineFixture fixture = new EngineFixture();
  private final List<Trade> trades = SampleTrades.trades(TRADES, 1);

  GroupCommitTest() {
    fixture.source.putAll(trades);
  }

  /** Runs an engine whose first batch waits until all others do, or as many as may. */
  private SyncResult run(SyncEngine engine, InterceptingSink.Hook hook) {
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicBoolean held = new AtomicBoolean();
    fixture.sink.hook =
        batch -> {
          if (held.compareAndSet(false, true)) {
            first.countDown();
            goOn.await();
          }
          hook.before(batch);
        };
    CompletableFuture<SyncResult> run =
        CompletableFuture.supplyAsync(engine::run, command -> new Thread(command).start());
    try {
      first.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    await()
        .until(() -> CancellationTest.isInLanes("await") || CancellationTest.isInLanes("submit"));
    goOn.countDown();
    return run.join();
  }

  private List<Integer> sizes() {
    return fixture.sink.attempts.stream().map(batch -> batch.changes().size()).toList();
  }

  private boolean holds(TradeBatch batch, int place) {
    return batch.changes().stream()
        .anyMatch(change -> change.key().equals(trades.get(place).key()));
  }

  @Test
  void moreAndMoreBatchesShareATransaction() {
    SyncResult result = run(fixture.builder().build(), batch -> {});
    EngineFixture.assertResult(
        result, true, TRADES, 0, TRADES, "Sync completed: 2000/2000 trades processed");
    assertThat(sizes()).containsExactly(50, 100, 200, 400, 800, 450);
    assertThat(fixture.listener.progress)
        .extracting(RunProgress::processed)
        .isEqualTo(LongStream.rangeClosed(1, 40).map(batch -> batch * 50).boxed().toList());
    fixture.assertEqualSides();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 49, 99})
  void withRoomForLessThanTwoBatchesEachHasItsOwn(int groupCommit) {
    fixture.builder().groupCommit(groupCommit).build().run();
    assertThat(sizes()).hasSize(40).containsOnly(50);
  }

  @Test
  void groupsKeepToTheirBound() {
    run(fixture.builder().batchSize(10).groupCommit(35).build(), batch -> {});
    assertThat(sizes()).allSatisfy(size -> assertThat(size).isLessThanOrEqualTo(30));
    fixture.assertEqualSides();
  }

  @Test
  void aSinkOfItsOwnTransactionsGetsEachBatchAlone() {
    List<TradeBatch> batches = new ArrayList<>();
    SyncResult result = fixture.builder().sink(batches::add).build().run();
    assertThat(result.processed()).isEqualTo(TRADES);
    assertThat(batches).hasSize(40).allSatisfy(b -> assertThat(b.changes()).hasSize(50));
    assertThat(batches.stream().map(TradeBatch::idempotencyKey).distinct()).hasSize(40);
  }

  @Test
  void aBadTradeIsFoundInItsOwnBatch() {
    SyncResult result =
        run(
            fixture.builder().build(),
            batch -> {
              if (holds(batch, 500)) {
                throw new IllegalArgumentException("bad price");
              }
            });
    EngineFixture.assertResult(
        result,
        true,
        TRADES - 1,
        1,
        TRADES,
        "Sync completed with errors: 1999/2000 trades processed");
    assertThat(fixture.builder().build().health().gaps().error()).isEqualTo(1);
    assertThat(fixture.sink.held.writes()).isEqualTo(TRADES - 1);
    // The group of 400 that holds it, each of its eight batches, and the halving of one.
    assertThat(sizes().subList(0, 5)).containsExactly(50, 100, 200, 400, 50);
    assertThat(sizes().stream().filter(size -> size < 50).count()).isBetween(1L, 13L);
    assertThat(sizes().stream().filter(size -> size == 50).count()).isGreaterThanOrEqualTo(9);
  }

  @Test
  void aFailureThatPassesCostsOneAttempt() {
    AtomicBoolean failed = new AtomicBoolean();
    fixture.sink.kind = FailureKind.TRANSIENT;
    SyncResult result =
        run(
            fixture.builder().build(),
            batch -> {
              if (batch.changes().size() == 200 && failed.compareAndSet(false, true)) {
                throw new IOException("connection reset");
              }
            });
    assertThat(result.success()).isTrue();
    assertThat(sizes().subList(0, 8)).containsExactly(50, 100, 200, 50, 50, 50, 50, 100);
    fixture.assertEqualSides();
  }

  private Trade moveBySevenSeconds(Trade trade) {
    fixture.source.remove(trade.id());
    Trade moved = SampleTrades.trade(trade.id(), trade.epochSecond() + 7);
    fixture.source.put(moved);
    return moved;
  }

  @Test
  void aGroupOfMovesIsClaimedOnce() {
    fixture.builder().build().run();
    trades.forEach(this::moveBySevenSeconds);
    List<Integer> batches = new CopyOnWriteArrayList<>();
    List<Integer> commits = new CopyOnWriteArrayList<>();
    AtomicInteger ended = new AtomicInteger();
    ActivityListener listener =
        new ActivityListener() {
          @Override
          public void writingStarted(String runId, int count) {
            batches.add(count);
            commits.add(0);
          }

          @Override
          public void writingEnded(String runId, int count, Duration took) {
            ended.set(commits.size());
          }

          @Override
          public void committed(String runId, Duration transaction, Duration commit) {
            if (ended.get() < commits.size()) {
              commits.set(commits.size() - 1, commits.get(commits.size() - 1) + 1);
            }
          }
        };
    SyncResult result =
        run(fixture.builder().parallelism(1).listener(listener).build(), batch -> {});
    assertThat(result.processed()).isEqualTo(TRADES);
    assertThat(batches).hasSizeGreaterThan(1).startsWith(1);
    // The first batch was alone: it is claimed, disputed, and claimed again.
    assertThat(commits).startsWith(2);
    assertThat(commits.subList(1, commits.size())).containsOnly(1);
    fixture.assertSameTrades();
  }

  @Test
  void aTradeThatTheLivePathMovedOnBeforeItsGroupIsWrittenStaysThere() {
    fixture.builder().build().run();
    List<Trade> moved = trades.stream().map(this::moveBySevenSeconds).toList();
    SyncEngine engine = fixture.builder().parallelism(1).build();
    List<Trade> movedOn = new CopyOnWriteArrayList<>();
    run(
        engine,
        batch -> {
          if (movedOn.isEmpty()) {
            movedOn.add(moveBySevenSeconds(moved.get(500)));
            EngineFixture.onAnotherThread(() -> engine.ingest(movedOn));
          }
        });
    assertThat(fixture.sink.held.trades()).contains(movedOn.get(0)).doesNotContain(moved.get(500));
    fixture.assertSameTrades();
  }

  @Test
  void whatTheLivePathWroteMeanwhileCountsInItsBatch() {
    SyncEngine engine = fixture.builder().build();
    AtomicBoolean done = new AtomicBoolean();
    SyncResult result =
        run(
            engine,
            batch -> {
              if (done.compareAndSet(false, true)) {
                EngineFixture.onAnotherThread(() -> engine.ingest(trades.subList(60, 140)));
              }
            });
    assertThat(result.processed()).isEqualTo(TRADES);
    assertThat(fixture.listener.progress.get(1).processed()).isEqualTo(100);
    assertThat(fixture.sink.held.writes()).isEqualTo(TRADES);
    fixture.assertEqualSides();
  }

  @Test
  void aRunIsCancelledBetweenTwoGroups() {
    SyncEngine engine = fixture.builder().build();
    AtomicLong throughThisGroup = new AtomicLong();
    SyncResult result =
        run(
            engine,
            batch -> {
              if (batch.changes().size() == 200) {
                throughThisGroup.set(fixture.sink.held.writes() + 200);
                engine.cancel();
              }
            });
    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
    assertThat(result.processed())
        .isEqualTo(throughThisGroup.get())
        .isEqualTo(fixture.sink.held.writes());
    fixture.sink.hook = batch -> {};
    assertThat(engine.run().processed()).isEqualTo(TRADES - throughThisGroup.get());
    fixture.assertEqualSides();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, SyncEngineBuilder.MAX_BATCH_SIZE + 1})
  void aSizeOutOfRangeIsRefused(int value) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> fixture.builder().groupCommit(value))
        .withMessage("groupCommit must be from 1 to 100000, but is: " + value);
  }
}
