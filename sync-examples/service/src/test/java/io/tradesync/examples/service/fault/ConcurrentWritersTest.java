package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.KeyRange;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.spi.IngestResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Engines, live paths and processes that meet on the same trades. */
class ConcurrentWritersTest {

  private static final int TRADES = 3_000;
  private static final int RUNS_AN_ENGINE = 3;

  /** Engines with pools of their own, as in as many processes. */
  @Test
  void twoThenFourEnginesOnOneService() throws Exception {
    Random random = RandomSeed.random("engines");
    try (SourceAndStore sides = SourceAndStore.create()) {
      for (int engines : List.of(2, 4)) {
        sides.addTrades(TRADES);
        sides.changeTrades(20, random.nextInt(20));
        AtomicInteger refused = new AtomicInteger();
        CountDownLatch together = new CountDownLatch(engines);
        List<CompletableFuture<Integer>> work = new ArrayList<>();
        for (int i = 0; i < engines; i++) {
          work.add(
              BackgroundWork.start(
                  () -> {
                    SyncEngine engine;
                    synchronized (sides) {
                      engine = sides.engine().build();
                    }
                    together.countDown();
                    together.await();
                    return runOften(engine, refused);
                  }));
        }
        int completed = 0;
        for (CompletableFuture<Integer> each : work) {
          completed += each.get();
        }
        sides.assertEqual();
        sides.assertRunHistory();
        assertThat(completed + refused.get()).isEqualTo(engines * RUNS_AN_ENGINE);
        assertThat(completed).isPositive();
        assertThat(
                sides.store().number("SELECT count(*) FROM sync_run WHERE outcome <> 'completed'"))
            .isZero();
      }
    }
  }

  private static int runOften(SyncEngine engine, AtomicInteger refused) {
    int completed = 0;
    for (int i = 0; i < RUNS_AN_ENGINE; i++) {
      try {
        SyncResult result = engine.run();
        assertThat(result.success()).as(result.message()).isTrue();
        assertThat(result.errors()).isZero();
        completed++;
      } catch (SyncAlreadyRunningException e) {
        // The holder of the lease records its run next.
        await().until(() -> engine.findRun(e.runId()).isPresent());
        refused.incrementAndGet();
      }
    }
    engine.close();
    return completed;
  }

  /** Both write; whichever is second on a trade finds it there. */
  @Test
  void theLivePathAndRunsOnTheSameTrades() throws Exception {
    meet(2, "live");
  }

  @Tag("long")
  @Test
  void theLivePathAndRunsOnTheSameTradesManyTimes() throws Exception {
    meet(20, "live many times");
  }

  private static void meet(int rounds, String purpose) throws Exception {
    Random random = RandomSeed.random(purpose);
    try (SourceAndStore sides = SourceAndStore.create();
        SyncEngine running = sides.engine().build();
        SyncEngine living = sides.engine().build()) {
      PonderTradeSource source =
          PonderTradeSource.builder(sides.pool(sides.ponderUrl(), 1)).build();
      long met = 0;
      for (int round = 0; round < rounds; round++) {
        sides.addTrades(TRADES / 5);
        sides.changeTrades(20, random.nextInt(20));
        List<Trade> trades = new ArrayList<>(source.page(KeyRange.all(), Integer.MAX_VALUE).rows());
        Collections.shuffle(trades, random);
        boolean forced = random.nextInt(3) == 0;
        CountDownLatch together = new CountDownLatch(2);
        var run =
            BackgroundWork.start(
                () -> {
                  together.countDown();
                  together.await();
                  return forced ? running.forceFromEpochSecond(SourceAndStore.T0) : running.run();
                });
        var live =
            BackgroundWork.start(
                () -> {
                  together.countDown();
                  together.await();
                  long known = 0;
                  for (int from = 0; from < trades.size(); from += 50) {
                    int to = Math.min(trades.size(), from + 50);
                    IngestResult result = living.ingest(trades.subList(from, to));
                    assertThat(result.failed()).isEmpty();
                    known += result.known().size();
                  }
                  return known;
                });
        assertThat(run.get().success()).as(run.get().message()).isTrue();
        met += live.get();
        sides.assertEqual();
        sides.assertRunHistory();
      }
      assertThat(met).isPositive();
    }
  }

  /** The same between processes. */
  @Tag("long")
  @Test
  void fourProcessesOnOneService() throws Exception {
    try (SourceAndStore sides = SourceAndStore.create()) {
      sides.addTrades(20_000);
      List<SyncProcess> processes = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        processes.add(
            SyncProcess.start(sides, i == 3 ? SourceAndStore.T0 : null, SourceAndStore.LEASE_TTL));
      }
      for (SyncProcess process : processes) {
        try (process) {
          assertThat(process.awaitEnd())
              .containsPattern("ended run \\S+ COMPLETED .*: Sync completed: (\\d+)/\\1 trades");
        }
      }
      sides.assertEqual();
      sides.assertRunHistory();
      assertThat(sides.store().number("SELECT count(*) FROM sync_run WHERE outcome = 'completed'"))
          .isEqualTo(4);
    }
  }
}
