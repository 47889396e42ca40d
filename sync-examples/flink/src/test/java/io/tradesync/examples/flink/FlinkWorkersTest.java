package io.tradesync.examples.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkUnit;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs on a Flink cluster in this process, and how its jobs end. */
class FlinkWorkersTest {

  private static final int WORKERS = FlinkFaults.TASK_MANAGERS;
  private static final LocalCluster CLUSTER = LocalCluster.get();

  private SourceAndStore sides;
  private PostgresEngines engines;
  private @Nullable SyncEngine coordinator;

  @BeforeEach
  void prepare() {
    sides = new SourceAndStore();
    engines = new PostgresEngines(sides.ponderUrl(), sides.storeUrl());
    WORKERS_OF_TEST.reset();
  }

  @AfterEach
  void close() {
    WORKERS_OF_TEST.reset();
    if (coordinator != null) {
      coordinator.close();
    }
    engines.close();
    await().atMost(Duration.ofSeconds(20)).until(() -> CLUSTER.runningJobs() == 0);
    sides.close();
  }

  private static final Observer WORKERS_OF_TEST = new Observer();

  private interface Step {
    void run() throws InterruptedException;
  }

  /** What the workers do; they are in this process. */
  private static final class Observer {
    final AtomicInteger writes = new AtomicInteger();
    volatile Step beforeWrite = () -> {};
    volatile Step beforeCreate = () -> {};

    void reset() {
      beforeWrite = () -> {};
      beforeCreate = () -> {};
      writes.set(0);
    }
  }

  /** A factory as users write it, with a sink that tells when it writes. */
  private static final class ObservedEngines implements EngineFactory {
    private final PostgresEngines engines;

    ObservedEngines(PostgresEngines engines) {
      this.engines = engines;
    }

    @Override
    public SyncEngine create() throws InterruptedException {
      WORKERS_OF_TEST.beforeCreate.run();
      return HeldEngines.settings(engines).sink(new ObservedSink()).parallelism(1).build();
    }

    @Override
    public void close() {
      engines.close();
    }
  }

  private static final class ObservedSink extends ForwardingSink<Connection> {
    ObservedSink() {
      super(TimescaleSink.builder().build());
    }

    @Override
    public void write(TradeBatch batch, Connection transaction) throws Exception {
      WORKERS_OF_TEST.writes.incrementAndGet();
      WORKERS_OF_TEST.beforeWrite.run();
      super.write(batch, transaction);
    }
  }

  private FlinkWorkers workers() {
    return new FlinkWorkers(CLUSTER::environment, WORKERS, 100, new ObservedEngines(engines));
  }

  private SyncEngine coordinator() {
    SyncEngine built = HeldEngines.settings(engines).workers(workers()).build();
    coordinator = built;
    return built;
  }

  private static void assertCounts(SyncResult result, long processed) {
    assertThat(result.success()).as(result.message()).isTrue();
    assertThat(List.of(result.processed(), result.errors())).containsExactly(processed, 0L);
  }

  @Test
  void aGapIsClosedByTheCluster() {
    long before = CLUSTER.jobs();

    assertCounts(coordinator().run(), SourceAndStore.TRADES);

    assertThat(WORKERS_OF_TEST.writes).hasPositiveValue();
    assertThat(CLUSTER.jobs()).isGreaterThan(before);
    sides.assertExact();

    // Changed, retracted and late trades, and then all trades of the last half again.
    sides.changeSource("update order_book_trades set price = 7 where right(id, 2) = '42'");
    sides.changeSource("delete from order_book_trades where right(id, 3) = '777'");
    sides.changeSource(
        String.format(
            Locale.ROOT,
            "insert into order_book_trades select 'late', 1, 5, 5, %d, '0x', 'Sell', 'p1'",
            SourceAndStore.FIRST_SECOND + 100));
    assertThat(coordinator.run().success()).isTrue();
    long from = SourceAndStore.FIRST_SECOND + 3 * 86_400;
    String later = "select count(*) from order_book_trades where \"timestamp\" > " + from;
    assertCounts(coordinator.forceFromEpochSecond(from), sides.inSource(later));
    sides.assertExact();
  }

  @Test
  void theUnitsOfATaskManagerThatDiesAreDoneAgain() throws Exception {
    CountDownLatch allWrite = new CountDownLatch(WORKERS);
    CountDownLatch died = new CountDownLatch(1);
    WORKERS_OF_TEST.beforeWrite =
        () -> {
          // Some batches are committed; then each worker is in the middle of a transaction.
          if (WORKERS_OF_TEST.writes.get() > 4) {
            allWrite.countDown();
            died.await();
          }
        };
    SyncEngine engine = coordinator();
    CompletableFuture<SyncResult> run = CompletableFuture.supplyAsync(engine::run);
    assertThat(allWrite.await(60, TimeUnit.SECONDS)).isTrue();
    long jobs = CLUSTER.jobs();

    CLUSTER.replaceTaskManager(
        () -> {
          WORKERS_OF_TEST.beforeWrite = () -> {};
          died.countDown();
        });

    SyncResult result = run.get(60, TimeUnit.SECONDS);
    assertThat(result.success()).as(result.message()).isTrue();
    assertThat(CLUSTER.jobs()).as("jobs").isGreaterThan(jobs);
    sides.assertExact();
  }

  @Test
  void aRunThatIsCancelledStopsTheJob() throws Exception {
    // 40 batches, four at a time, so that a worker notices long before the last one.
    WORKERS_OF_TEST.beforeWrite = () -> TimeUnit.MILLISECONDS.sleep(500);
    SyncEngine engine = coordinator();
    CompletableFuture<SyncResult> run = CompletableFuture.supplyAsync(engine::run);
    await().atMost(Duration.ofSeconds(60)).until(() -> sides.written() > 0);

    engine.cancel();
    SyncResult result = run.get(30, TimeUnit.SECONDS);

    assertThat(result.success()).isFalse();
    await().atMost(Duration.ofSeconds(20)).until(() -> CLUSTER.runningJobs() == 0);
    assertThat(sides.inStore("select count(*) from analytics_trades"))
        .isBetween(1L, SourceAndStore.TRADES - 1L);
    WORKERS_OF_TEST.beforeWrite = () -> {};
    assertThat(engine.run().success()).isTrue();
    sides.assertExact();
  }

  @Test
  void anInterruptCancelsTheJob() throws Exception {
    CountDownLatch creating = new CountDownLatch(1);
    WORKERS_OF_TEST.beforeCreate =
        () -> {
          creating.countDown();
          new CountDownLatch(1).await();
        };
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread carrier =
        new Thread(
            () -> {
              try {
                workers().carryOut(order(), units(), outcome -> {});
                failure.complete(new AssertionError("it returned"));
              } catch (Throwable e) {
                failure.complete(e);
              }
            });
    carrier.start();
    assertThat(creating.await(60, TimeUnit.SECONDS)).isTrue();
    CLUSTER.awaitAllTasks();

    carrier.interrupt();

    assertThat(failure.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    await().atMost(Duration.ofSeconds(20)).until(() -> CLUSTER.runningJobs() == 0);
  }

  @Test
  void aFactoryThatFailsEndsTheRun() {
    WORKERS_OF_TEST.beforeCreate =
        () -> {
          throw new IllegalStateException("no such database");
        };
    long jobs = CLUSTER.jobs();

    SyncResult result = coordinator().run();

    assertThat(result.success()).isFalse();
    assertThat(result.message()).contains("no such database");

    assertThat(CLUSTER.jobs() - jobs).isEqualTo(1);
  }

  @Test
  void aJobThatIsCancelledInFlinkIsNotStartedAgain() throws Exception {
    CountDownLatch creating = new CountDownLatch(1);
    WORKERS_OF_TEST.beforeCreate =
        () -> {
          creating.countDown();
          new CountDownLatch(1).await();
        };
    long jobs = CLUSTER.jobs();
    CompletableFuture<Void> carried =
        CompletableFuture.runAsync(
            () -> {
              try {
                workers().carryOut(order(), units(), outcome -> {});
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(creating.await(60, TimeUnit.SECONDS)).isTrue();
    CLUSTER.awaitAllTasks();

    CLUSTER.cancelRunningJobs();

    assertThatThrownBy(() -> carried.get(30, TimeUnit.SECONDS))
        .hasStackTraceContaining("cancelled");
    assertThat(CLUSTER.jobs() - jobs).isEqualTo(1);
  }

  /** An order that an engine answers with a refusal. */
  private static WorkOrder order() {
    return new WorkOrder(WorkOrder.VERSION + 1, "run", "compare", Map.of(), "");
  }

  private static List<WorkUnit> units() {
    List<WorkUnit> units = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      units.add(new WorkUnit(i, ""));
    }
    return units;
  }
}
