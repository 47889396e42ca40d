package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.AuditReport;
import io.tradesync.BatchProgress;
import io.tradesync.FailedTrade;
import io.tradesync.GapCounts;
import io.tradesync.RunOptions;
import io.tradesync.RunOutcome;
import io.tradesync.SideUnavailableException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncResult;
import io.tradesync.SyncRun;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.SinkUnavailableException;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkOutcome;
import io.tradesync.spi.WorkUnit;
import io.tradesync.spi.Workers;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.RunLease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Checks an implementation of {@link Workers} by runs, forces and audits of an engine that has it:
 * the sink holds exactly what it would hold without workers, whatever is repeated, shuffled or
 * lost. Extend it, and name the sides and the workers.
 *
 * <ul>
 *   <li>A run writes everything once, and counts it.
 *   <li>Every kind of gap is repaired, wherever it is.
 *   <li>An id that moves between units never counts twice.
 *   <li>The guard decides over all units.
 *   <li>A force writes each later trade again.
 *   <li>An audit finds what a local one finds.
 *   <li>Marked sub-ranges are compared by workers.
 *   <li>What workers repaired completely is verified.
 *   <li>Where a worker left a gap is compared again.
 *   <li>What another path changes while workers repair is compared again.
 *   <li>A run of which an outcome is lost verifies nothing.
 *   <li>A lost outcome of a comparison fails the run, and loses nothing.
 *   <li>A lost outcome of a repair fails the run, and loses nothing.
 *   <li>A force goes on after the units of which all before are finished.
 *   <li>A trade that fails costs itself, and is named.
 *   <li>A run that is cancelled stops its workers, and the next one goes on.
 *   <li>A worker without the lease commits nothing.
 *   <li>A run that loses its lease ends without another try.
 *   <li>A worker of other settings or of another version refuses.
 *   <li>A side that is gone ends the run, and is named.
 * </ul>
 *
 * @param <T> the type of the log's transactions
 */
public abstract class WorkersContract<T> extends WorkersVerification<T> {

  /** Creates the contract's tests. */
  protected WorkersContract() {}

  /** Returns a source, a log and a sink that are empty. */
  protected abstract RandomHistory.Sides<T> newSides();

  /**
   * Returns the workers; by default {@link RoughWorkers}.
   *
   * @param engines creates the engine of a worker
   */
  protected Workers newWorkers(Supplier<SyncEngine> engines) {
    return new RoughWorkers(2, 1, engines);
  }

  @Override
  final RandomHistory.Sides<T> emptySides() {
    return newSides();
  }

  @Override
  final Workers workersOf(Supplier<SyncEngine> engines) {
    return newWorkers(engines);
  }

  @Test
  void aRunWritesEverythingOnceAndCountsIt() {
    List<Trade> trades = fill();

    assertCounts(engine().run(), TRADES, 0);

    assertThat(progress).as("units").hasSizeGreaterThan(1);
    BatchProgress last = progress.get(progress.size() - 1);
    assertThat(last.run().processed()).isEqualTo(TRADES);
    // The unit that answers first may have found what its repetition wrote, and had no batch for
    // it.
    assertThat(last.run().batch()).isBetween(1L, last.run().batches());
    assertThat(progress.stream().mapToLong(each -> each.written() + each.known()).sum())
        .isBetween(1L, (long) TRADES);
    assertEqual(trades);
  }

  @Test
  void everyKindOfGapIsRepairedWhereverItIs() {
    List<Trade> trades = fill();
    assertCounts(engine().run(), TRADES, 0);
    List<Trade> changed = trades(100, 140, 2);
    List<Trade> added = trades(TRADES, TRADES + 40, 1);
    change(List.of("t5", "t6", "t250", "t359"), changed);
    change(List.of(), added);
    trades.removeIf(trade -> List.of("t5", "t6", "t250", "t359").contains(trade.id()));
    trades.removeIf(trade -> changed.stream().anyMatch(other -> other.id().equals(trade.id())));
    trades.addAll(changed);
    trades.addAll(added);

    assertCounts(engine().run(), 84, 0);

    assertEqual(trades);
  }

  @Test
  void anIdThatMovesBetweenUnitsNeverCountsTwice() {
    fill();
    assertCounts(engine().run(), TRADES, 0);
    List<Trade> moved = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      moved.add(trade(i, T0 + (TRADES - 1 - i) * APART + 1, 1));
      moved.add(trade(TRADES - 1 - i, T0 + i * APART + 1, 1));
    }
    change(moved.stream().map(Trade::id).toList(), moved);
    List<Trade> expected = trades(60, TRADES - 60, 1);
    expected.addAll(moved);
    AtomicInteger looks = new AtomicInteger();
    hook =
        changes -> {
          assertThat(sides.held()).extracting(Trade::id).doesNotHaveDuplicates();
          looks.incrementAndGet();
        };

    assertThat(engine().run().success()).isTrue();

    hook = null;
    assertThat(looks.get()).isPositive();
    assertThat(sides.held()).extracting(Trade::id).doesNotHaveDuplicates();
    assertThat(engine().run().success()).isTrue();
    assertEqual(expected);
  }

  @Test
  void theGuardDecidesOverAllUnits() {
    List<Trade> trades = fill();
    assertCounts(engine().run(), TRADES, 0);
    // Each unit has lost few of its trades, all of them together too many.
    List<String> gone = trades.stream().map(Trade::id).filter(id -> number(id) % 3 == 0).toList();
    change(gone, trades(TRADES, TRADES + 40, 1));

    SyncResult held = engine().run();

    assertThat(held.success()).isFalse();
    assertThat(held.message()).contains("120 retractions held back");
    assertThat(sides.held()).hasSize(TRADES + 40);

    assertCounts(engine().run(RunOptions.DEFAULT.allowMassRetraction(true)), 120, 0);
    trades.removeIf(trade -> gone.contains(trade.id()));
    trades.addAll(trades(TRADES, TRADES + 40, 1));
    assertEqual(trades);
  }

  @Test
  void aForceWritesEachLaterTradeAgain() {
    List<Trade> trades = fill();
    assertCounts(engine().run(), TRADES, 0);

    assertCounts(engine().forceFromEpochSecond(T0 + 9 * APART), TRADES - 10, 0);

    assertEqual(trades);
  }

  @Test
  void anAuditFindsWhatALocalOneFinds() {
    fill();
    assertCounts(engine().run(), TRADES, 0);
    change(List.of("t7", "t300"), trades(100, 120, 2));
    change(List.of(), trades(TRADES, TRADES + 9, 1));

    AuditReport found = engine().audit();

    try (SyncEngine local = builder().build()) {
      AuditReport expected = local.audit();
      assertThat(found.gaps()).isEqualTo(expected.gaps()).isEqualTo(new GapCounts(9, 0, 20, 2));
      assertThat(found.ranges()).isEqualTo(expected.ranges());
    }
    assertThat(engine().run().success()).isTrue();
    assertThat(engine().health().gaps()).isEqualTo(GapCounts.NONE);
  }

  @Test
  void aLostOutcomeOfAComparisonFailsTheRunAndLosesNothing() {
    List<Trade> trades = fill();
    lose((order, unit) -> order.pass().equals("compare") && unit.number() == 1);

    SyncResult result = engine().run();

    assertThat(result.success()).isFalse();
    assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
    assertThat(result.message()).contains("units of work were left without an answer");
    assertThat(sides.held()).isEmpty();
    lose((order, unit) -> false);
    assertCounts(engine().run(), TRADES, 0);
    assertEqual(trades);
  }

  @Test
  void aLostOutcomeOfARepairFailsTheRunAndLosesNothing() {
    List<Trade> trades = fill();
    lose((order, unit) -> order.pass().equals("repair") && unit.number() == 1);

    SyncResult result = engine().run();

    assertThat(result.success()).isFalse();
    assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
    assertThat(result.processed()).isBetween(1L, TRADES - 1L);
    lose((order, unit) -> false);
    assertThat(engine().run().success()).isTrue();
    assertEqual(trades);
  }

  @Test
  void aForceGoesOnAfterTheUnitsOfWhichAllBeforeAreFinished() {
    fill();
    assertCounts(engine().run(), TRADES, 0);
    lose((order, unit) -> order.pass().equals("repair") && unit.number() == 2);

    SyncResult result = engine().forceFromEpochSecond(0);

    assertThat(result.success()).isFalse();
    SyncRun recorded = engine().runs(1).get(0);
    TradeKey through = recorded.through();
    assertThat(through).isNotNull();
    List<BatchProgress> units =
        progress.stream()
            .filter(each -> each.run().runId().equals(recorded.id()))
            .sorted(Comparator.comparing(BatchProgress::lastKey))
            .toList();
    assertThat(units).hasSizeGreaterThan(2);
    assertThat(through).isEqualTo(units.get(1).lastKey());
  }

  @Test
  void aTradeThatFailsCostsItselfAndIsNamed() {
    List<Trade> trades = fill();
    hook =
        changes -> {
          if (changes.stream().anyMatch(change -> change.key().id().equals("t123"))) {
            throw new IllegalArgumentException("no such pool");
          }
        };

    assertCounts(engine().run(), TRADES - 1, 1);

    assertThat(marked).extracting(FailedTrade::key).contains(trades.get(123).key());
    assertThat(engine().failedTrades(TradeKey.MIN, 9))
        .singleElement()
        .satisfies(failed -> assertThat(failed.reason()).isEqualTo("no such pool"));
    hook = null;
    assertCounts(engine().run(), 1, 0);
    assertEqual(trades);
  }

  @Test
  void aRunThatIsCancelledStopsItsWorkersAndTheNextOneGoesOn() {
    List<Trade> trades = fill();
    SyncEngine engine = engine();
    AtomicInteger writes = new AtomicInteger();
    hook =
        changes -> {
          if (writes.incrementAndGet() == 3) {
            engine.cancel();
          }
        };

    SyncResult result = engine.run();

    assertThat(result.outcome()).isEqualTo(RunOutcome.CANCELLED);
    hook = null;
    assertThat(engine.run().success()).isTrue();
    assertEqual(trades);
  }

  @Test
  void aWorkerWithoutTheLeaseCommitsNothing() throws Exception {
    fill();
    List<WorkOrder> orders = new CopyOnWriteArrayList<>();
    List<WorkUnit> repairs = new CopyOnWriteArrayList<>();
    lose(
        (order, unit) -> {
          if (order.pass().equals("repair")) {
            orders.add(order);
            repairs.add(unit);
          }
          return false;
        });
    assertCounts(engine().run(), TRADES, 0);
    // The store has lost all of it, and the order is that of a run that has ended.
    change(List.of(), trades(0, TRADES, 2));
    List<Trade> before = List.copyOf(sides.held());
    FencingToken token = sides.log().lease().acquire(LeaseKind.RUN, "other", Duration.ofMinutes(1));

    try (SyncEngine worker = builder().build()) {
      WorkOutcome outcome = worker.work(orders.get(0), repairs.get(0));
      assertThat(outcome.failure()).contains("no longer holds its lease");
      assertThat(outcome.trades()).isZero();
    }

    assertThat(sides.held()).containsExactlyInAnyOrderElementsOf(before);
    sides.log().lease().release(token);
    assertCounts(engine().run(), TRADES, 0);
    assertEqual(trades(0, TRADES, 2));
  }

  @Test
  void aRunThatLosesItsLeaseEndsWithoutAnotherTry() {
    fill();
    RunLease lease = sides.log().lease();
    AtomicInteger orders = new AtomicInteger();
    lose(
        (order, unit) -> {
          if (order.pass().equals("repair") && orders.incrementAndGet() == 1) {
            // The token of a run that holds the lease is given to it again.
            lease.release(lease.acquire(LeaseKind.RUN, order.runId(), Duration.ofMinutes(1)));
          }
          return false;
        });
    SyncEngine engine = engine();

    SyncResult result = engine.run();

    assertThat(result.success()).isFalse();
    assertThat(result.message()).contains("no longer holds its lease");
    assertThat(sides.held()).isEmpty();
    assertCounts(engine.run(), TRADES, 0);
    assertEqual(trades(0, TRADES, 1));
  }

  @Test
  void aWorkerOfOtherSettingsOrOfAnotherVersionRefuses() {
    List<Trade> trades = fill();
    Map<String, UnaryOperator<SyncEngineBuilder>> others =
        Map.of(
            "batchSize", settings -> settings.batchSize(BATCH + 1),
            "parkAfter", settings -> settings.parkAfter(99),
            "recordBeforeWrite", settings -> settings.recordBeforeWrite(false),
            "sink", settings -> settings.sink(new OtherSink<>(sides.sink())));
    others.forEach(
        (name, change) -> {
          built = null;
          workers = newWorkers(() -> change.apply(builder()).build());

          SyncResult result = engine().run();

          assertThat(result.success()).isFalse();
          assertThat(result.message())
              .contains(name + " of a worker must be as that of the coordinator, which is: ");
          assertThat(sides.held()).isEmpty();
        });

    try (SyncEngine worker = builder().build()) {
      WorkOrder later = new WorkOrder(99, "r", "repair", Map.of(), "?");
      assertThat(worker.work(later, new WorkUnit(0, "?")).failure())
          .isEqualTo("version of a work order must be that of the worker, 1, but is: 99");
    }
    built = null;
    workers = plain;
    assertCounts(engine().run(), TRADES, 0);
    assertEqual(trades);
  }

  /** A sink with another setting that decides what it writes. */
  private static final class OtherSink<S> extends ForwardingSink<S> {
    OtherSink(TransactionalSink<S> sink) {
      super(sink);
    }

    @Override
    public String identity() {
      return super.identity() + ", rounded";
    }
  }

  @Test
  void aSideThatIsGoneEndsTheRunAndIsNamed() {
    fill();
    hook =
        changes -> {
          throw new SinkUnavailableException("the warehouse is closed");
        };

    SyncResult result = engine().run();

    assertThat(result.success()).isFalse();
    assertThat(result.message()).contains("the warehouse is closed");
    assertThat(result.failure()).containsInstanceOf(SideUnavailableException.class);
    hook = null;
    assertCounts(engine().run(), TRADES, 0);
    assertEqual(trades(0, TRADES, 1));
  }
}
