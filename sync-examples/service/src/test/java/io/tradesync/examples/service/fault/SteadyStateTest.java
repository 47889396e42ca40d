package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.SyncEngine;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.testkit.FaultInjectingSink;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Runs with failures in them, one after the other, leave nothing behind in the process. */
class SteadyStateTest {

  private static final int RUNS = 200;
  private static final int WARM = 60;
  private static final long MEBIBYTE = 1 << 20;
  private static final long MAX_GROWTH = 2 * MEBIBYTE;

  @Test
  void heapAndThreadsAreFlatOverTwoHundredRunsWithFailures() throws Exception {
    Random random = RandomSeed.random("steady state");
    try (SourceAndStore sides = SourceAndStore.create()) {
      RandomFaults faults = new RandomFaults(random);
      FaultInjectingSink<Connection> sink =
          new FaultInjectingSink<>(TimescaleSink.builder().build())
              .failingBefore(faults)
              .failingAfter(faults);
      faults.failing(300);
      try (SyncEngine engine =
          sides
              .engine(sides.ponderUrl(), sides.storeUrl(), sink)
              .maxAttempts(2)
              .retryDelay(Duration.ofMillis(1))
              .build()) {
        long errors = 0;
        long warmHeap = 0;
        int warmThreads = 0;
        for (int run = 1; run <= RUNS; run++) {
          sides.addTrades(8);
          errors += engine.run().errors();
          if (run == WARM) {
            warmHeap = usedHeap();
            warmThreads = threads();
          }
        }
        long heap = usedHeap();
        int atMost = warmThreads;
        // A connection pool may be starting a thread, which ends when it is idle.
        int threads =
            await()
                .pollInSameThread()
                .atMost(Duration.ofSeconds(30))
                .until(SteadyStateTest::threads, now -> now <= atMost);
        System.out.printf(
            "seed %d: %d runs, %d trades failed on the way; heap %d -> %d KiB, threads %d -> %d%n",
            RandomSeed.value(), RUNS, errors, warmHeap / 1024, heap / 1024, warmThreads, threads);
        assertThat(errors).isPositive();
        assertThat(heap).isLessThan(warmHeap + MAX_GROWTH);
        await().until(() -> libraryThreads() == 0);
        faults.failing(0);
        RepeatedRuns.untilSuccess(engine::run);
        sides.assertEqual();
        sides.assertRunHistory();
      }
    }
  }

  /** What is still held after a collection; several, since one leaves what it just found. */
  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  private static int threads() {
    await().until(() -> libraryThreads() == 0);
    return ManagementFactory.getThreadMXBean().getThreadCount();
  }

  private static long libraryThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("tradesync"))
        .count();
  }
}
