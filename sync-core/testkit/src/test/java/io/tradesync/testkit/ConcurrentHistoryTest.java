package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.GapCounts;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.Trade;
import io.tradesync.spi.Workers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** Random histories in memory with several writers at once: workers, live paths and runs. */
class ConcurrentHistoryTest {

  @Property(tries = 100, seed = "20261126", shrinking = ShrinkingMode.OFF)
  void whateverHappensWorkersThatRepeatAndShuffleDoTheSame(@ForAll long seed) {
    new RandomHistory<>(seed, new SidesWithWorkers()).play();
  }

  @Property(tries = 200, seed = "20261124", shrinking = ShrinkingMode.OFF)
  void livePathsAndRunsAtOnceCountEachIdOnce(@ForAll long seed) throws Exception {
    RandomHistoryTest.InMemorySides sides = new RandomHistoryTest.InMemorySides();
    SettableClock clock = new SettableClock();
    Duration confirmation = Duration.ofSeconds(300);
    RandomChain chain = new RandomChain(new Random(seed), clock, confirmation, 12, sides);
    SyncEngine engine =
        SyncEngine.builder()
            .source(sides.source())
            .log(sides.log())
            .sink(sides.sink())
            .clock(clock)
            .confirmation(confirmation)
            .compareAllUpTo(2)
            .batchSize(3)
            .parallelism(2)
            .retryDelay(Duration.ofMillis(1))
            .build();
    inParallel(
        repeat(
            60,
            () -> {
              synchronized (chain) {
                chain.live();
              }
              assertThat(sides.held()).extracting(Trade::id).doesNotHaveDuplicates();
            }),
        repeat(25, () -> engine.ingest(delivered(chain))),
        repeat(25, () -> engine.ingest(delivered(chain))),
        repeat(6, () -> assertThat(engine.run().success()).isTrue()));

    for (int i = 0; i < 2; i++) {
      assertThat(engine.run().errors()).isZero();
      sides.pass(SyncEngineBuilder.DEFAULT_ORPHAN_GRACE);
    }
    assertThat(engine.run().errors()).isZero();
    assertThat(sides.held()).isEqualTo(List.copyOf(chain.trades().values()));
    assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
  }

  private static List<Trade> delivered(RandomChain chain) {
    synchronized (chain) {
      return chain.delivered();
    }
  }

  private static Callable<Boolean> repeat(int times, Runnable work) {
    return () -> {
      for (int i = 0; i < times; i++) {
        work.run();
      }
      return true;
    };
  }

  @SafeVarargs
  private static void inParallel(Callable<Boolean>... work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(work.length);
    try {
      for (Future<Boolean> done : threads.invokeAll(List.of(work))) {
        assertThat(done.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static final class SidesWithWorkers extends RandomHistoryTest.InMemorySides {
    @Override
    public Optional<Workers> workers(Supplier<SyncEngine> engines, long seed) {
      return Optional.of(new RoughWorkers(2, seed, engines));
    }
  }
}
