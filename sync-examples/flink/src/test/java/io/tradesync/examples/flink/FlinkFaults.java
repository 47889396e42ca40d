package io.tradesync.examples.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.RunOptions;
import io.tradesync.RunOutcome;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkOutcome;
import io.tradesync.spi.WorkUnit;
import io.tradesync.spi.Workers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What must hold on a cluster, of whatever kind: three TaskManagers with a slot each. */
abstract class FlinkFaults {

  static final int TASK_MANAGERS = 3;
  static final long LONGEST_CANCEL_SECONDS = 5;

  private static final String TWICE =
      "select count(*) - count(distinct trade_id) from analytics_trades";

  final List<SyncEngine> opened = new ArrayList<>();
  SourceAndStore sides;
  PostgresEngines engines;
  Places places;

  @TempDir Path directory;

  /** The environment of a job. */
  abstract StreamExecutionEnvironment environment();

  /** How many jobs have not ended. */
  abstract long runningJobs() throws Exception;

  /** Ends a TaskManager, without any farewell if that is possible; another one takes its place. */
  abstract void killOneAt(String place) throws Exception;

  @BeforeEach
  final void prepare() {
    sides = new SourceAndStore();
    engines = new PostgresEngines(sides.ponderUrl(), sides.storeUrl());
    places = new Places(directory.toString());
  }

  @AfterEach
  final void closeAll() {
    List.of(Places.COMPARE, Places.READ, Places.WRITE, Places.WRITTEN).forEach(places::open);
    opened.forEach(SyncEngine::close);
    engines.close();
    await().atMost(Duration.ofSeconds(30)).until(() -> runningJobs() == 0);
    sides.close();
  }

  final FlinkWorkers workers(int slots) {
    return new FlinkWorkers(
        this::environment,
        slots,
        100,
        new HeldEngines(new PostgresEngines(sides.ponderUrl(), sides.storeUrl()), places));
  }

  final SyncEngine coordinator(Workers workers) {
    SyncEngine built = HeldEngines.settings(engines).workers(workers).build();
    opened.add(built);
    return built;
  }

  final SyncEngine coordinator() {
    return coordinator(workers(2));
  }

  static CompletableFuture<SyncResult> started(SyncEngine engine) {
    return CompletableFuture.supplyAsync(engine::run);
  }

  static void assertSuccess(SyncResult result) {
    assertThat(result.success()).as(result.message()).isTrue();
  }

  /** Lets all workers of a run reach a place, and kills one there. */
  private void runWhileOneIsKilledAt(String place) throws Exception {
    places.shut(place);
    CompletableFuture<SyncResult> run = started(coordinator(workers(TASK_MANAGERS)));
    places.awaitWorkers(place, TASK_MANAGERS);

    killOneAt(place);
    places.open(place);

    assertSuccess(run.get(120, TimeUnit.SECONDS));
    sides.assertExact();
  }

  @Test
  void aTaskManagerThatIsKilledWhileItComparesIsReplaced() throws Exception {
    runWhileOneIsKilledAt(Places.COMPARE);
  }

  @Test
  void aTaskManagerThatIsKilledInATransactionIsReplaced() throws Exception {
    runWhileOneIsKilledAt(Places.WRITE);
  }

  @Test
  void theSameUnitsOnThreeTaskManagersAtOnceAreExact() throws Exception {
    assertSuccess(coordinator(new EachUnitThrice(workers(1))).run());
    sides.assertExact();
    sides.changeSource("update order_book_trades set price = 7 where right(id, 1) = '4'");
    sides.changeSource("delete from order_book_trades where right(id, 2) = '77'");

    assertSuccess(coordinator(new EachUnitThrice(workers(1))).run());

    sides.assertExact();
  }

  @Test
  void aRunThatIsCancelledStopsAllWithinFiveSeconds() throws Exception {
    places.shut(Places.WRITE);
    SyncEngine engine = coordinator(workers(TASK_MANAGERS));
    CompletableFuture<SyncResult> run = started(engine);
    places.awaitWorkers(Places.WRITE, TASK_MANAGERS);

    engine.cancel();
    places.open(Places.WRITE);

    SyncResult result = run.get(LONGEST_CANCEL_SECONDS, TimeUnit.SECONDS);
    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
    await().atMost(Duration.ofSeconds(LONGEST_CANCEL_SECONDS)).until(() -> runningJobs() == 0);
    assertThat(sides.written()).isLessThan(SourceAndStore.TRADES);
    assertSuccess(engine.run());
    sides.assertExact();
  }

  /** As if the coordinator had died, and its workers had not. */
  @Test
  void aRunWhoseLeaseIsTakenOverWritesNothingMore() throws Exception {
    places.shut(Places.READ);
    CompletableFuture<SyncResult> run = started(coordinator(workers(1)));
    places.awaitWorkers(Places.READ, 1);
    // What the worker has read, and would write, is outdated now.
    sides.changeSource("update order_book_trades set price = 7");

    try (SyncEngine next = HeldEngines.settings(engines).build()) {
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreException(SyncAlreadyRunningException.class)
          .until(
              () -> {
                sides.changeStore("update sync_lease set expires_at = clock_timestamp()");
                return next.run().success();
              });
    }
    places.open(Places.READ);

    assertThat(run.get(60, TimeUnit.SECONDS).success()).isFalse();
    await().atMost(Duration.ofSeconds(60)).until(() -> runningJobs() == 0);
    sides.assertExact();
  }

  @Test
  void aLostOutcomeFailsTheRunAndLosesNoTrade() {
    SyncResult result = coordinator(new LosesOutcomes(workers(2), "repair")).run();

    assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
    assertThat(result.message()).contains("units of work were left without an answer");
    assertThat(result.processed()).isLessThan(SourceAndStore.TRADES);

    SyncResult compared = coordinator(new LosesOutcomes(workers(2), "compare")).run();
    SyncResult next = coordinator().run();

    assertSuccess(next);
    assertThat(result.processed() + compared.processed() + next.processed())
        .isLessThanOrEqualTo(SourceAndStore.TRADES);
    sides.assertExact();
  }

  @Test
  void idsThatMoveBetweenUnitsNeverCountTwice() throws Exception {
    assertSuccess(coordinator().run());
    // The first 300 go to the end, the last 300 to the beginning.
    sides.changeSource(
        String.format(
            Locale.ROOT,
            """
            update order_book_trades set "timestamp" = %d - "timestamp" + 1
            where substr(id, 2)::int < 300 or substr(id, 2)::int >= %d\
            """,
            2 * SourceAndStore.FIRST_SECOND + (SourceAndStore.TRADES - 1) * SourceAndStore.APART,
            SourceAndStore.TRADES - 300));
    long looks = 0;
    long twice = 0;

    CompletableFuture<SyncResult> run = started(coordinator());
    while (!run.isDone()) {
      twice += sides.inStore(TWICE);
      looks++;
    }

    assertSuccess(run.get());
    assertThat(looks).isPositive();
    assertThat(twice).as("ids at two keys in %d looks", looks).isZero();
    sides.assertExact();
  }

  @Test
  void theGuardDecidesOverAllUnits() {
    assertSuccess(coordinator().run());
    // Each unit has lost few of its trades, all of them together too many.
    sides.changeSource("delete from order_book_trades where substr(id, 2)::int % 3 = 0");
    long gone = SourceAndStore.TRADES - sides.inSource("select count(*) from order_book_trades");

    SyncResult held = coordinator().run();

    assertThat(held.success()).isFalse();
    assertThat(held.message()).contains(gone + " retractions held back");
    assertThat(sides.written()).isEqualTo(SourceAndStore.TRADES);
    assertSuccess(coordinator().run(RunOptions.DEFAULT.allowMassRetraction(true)));
    sides.assertExact();
  }

  /** Three jobs at once carry out the same units. */
  private record EachUnitThrice(Workers inner) implements Workers {

    @Override
    public int parallelism() {
      return TASK_MANAGERS;
    }

    @Override
    public long worthwhileTrades() {
      return inner.worthwhileTrades();
    }

    @Override
    public void carryOut(WorkOrder order, List<WorkUnit> units, Consumer<WorkOutcome> done)
        throws Exception {
      ExecutorService threads = Executors.newFixedThreadPool(TASK_MANAGERS);
      try {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < TASK_MANAGERS; i++) {
          all.add(
              threads.submit(
                  () -> {
                    inner.carryOut(order, units, done);
                    return null;
                  }));
        }
        for (Future<?> each : all) {
          each.get();
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }

  /** Loses the outcome of the second unit of a pass, which is carried out all the same. */
  private record LosesOutcomes(Workers inner, String pass) implements Workers {

    @Override
    public int parallelism() {
      return inner.parallelism();
    }

    @Override
    public long worthwhileTrades() {
      return inner.worthwhileTrades();
    }

    @Override
    public void carryOut(WorkOrder order, List<WorkUnit> units, Consumer<WorkOutcome> done)
        throws Exception {
      inner.carryOut(
          order,
          units,
          outcome -> {
            if (outcome.unit() != 1 || !order.pass().equals(pass)) {
              done.accept(outcome);
            }
          });
    }
  }
}
