package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.GapCounts;
import io.tradesync.RunOptions;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.UpsertSink;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkOutcome;
import io.tradesync.spi.WorkUnit;
import io.tradesync.spi.Workers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A final trade moves by the live path, which does not know its old key, vanishes and comes back.
 * Two units of the workers have the two keys. A receiver by ids that retracts one of them holds
 * neither.
 */
class RetractedIdsTest {

  private static final int TRADES = 400;
  private static final long APART = 1_000;
  private static final RunOptions ALL = RunOptions.DEFAULT.compareAll(true);

  /** Applies what is newer. */
  private static final class Receiver implements UpsertSink {
    final Map<String, Long> applied = new ConcurrentHashMap<>();
    final Map<String, Trade> held = new ConcurrentSkipListMap<>();

    @Override
    public void upsert(Trade trade, long revision) {
      if (applied.merge(trade.id(), revision, Math::max) == revision) {
        held.put(trade.id(), trade);
      }
    }

    @Override
    public void delete(TradeKey key, long revision) {
      if (applied.merge(key.id(), revision, Math::max) == revision) {
        held.remove(key.id());
      }
    }
  }

  /** Counts the orders of several units. */
  private record CountedWorkers(Workers workers, AtomicInteger orders) implements Workers {
    @Override
    public int parallelism() {
      return workers.parallelism();
    }

    @Override
    public long worthwhileTrades() {
      return workers.worthwhileTrades();
    }

    @Override
    public void carryOut(WorkOrder order, List<WorkUnit> units, Consumer<WorkOutcome> done)
        throws Exception {
      orders.addAndGet(units.size() > 1 ? 1 : 0);
      workers.carryOut(order, units, done);
    }
  }

  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final InMemorySyncLog log = new InMemorySyncLog();
  private final Receiver receiver = new Receiver();
  private final AtomicInteger orders = new AtomicInteger();

  private SyncEngineBuilder builder() {
    return SyncEngine.builder()
        .source(source)
        .log(log)
        .sink(receiver)
        .batchSize(10)
        .compareAllUpTo(0)
        .orphanGrace(Duration.ZERO);
  }

  private static Trade trade(String id, int place, long price) {
    return LogContract.trade(id, LogContract.T + place * APART, price);
  }

  private void fill(int each, long price) {
    IntStream.range(0, TRADES)
        .filter(place -> place % each == 0)
        .forEach(place -> source.put(trade("t" + place, place, price)));
  }

  @ParameterizedTest
  @CsvSource({"3, 390, 3", "3, 390, 390", "390, 3, 3", "390, 3, 390"})
  void anIdAtTheKeysOfTwoUnitsCanComeBackAtEitherOfThem(int first, int second, int back) {
    RoughWorkers workers = new RoughWorkers(2, first + back, () -> builder().build());
    try (SyncEngine engine = builder().workers(new CountedWorkers(workers, orders)).build()) {
      fill(1, 1);
      source.put(trade("a", first, 1));
      engine.run(ALL);
      source.put(trade("a", second, 1));
      assertThat(engine.ingest(List.of(trade("a", second, 1))).written()).hasSize(1);
      source.remove("a");
      // Enough for several units that repair.
      fill(2, 2);

      orders.set(0);
      engine.run(ALL);
      assertThat(orders).as("orders of several units").hasValue(2);
      assertThat(receiver.held).doesNotContainKey("a");
      source.put(trade("a", back, 1));
      assertThat(engine.run(ALL).success()).isTrue();
      assertThat(receiver.held.values()).containsExactlyInAnyOrderElementsOf(source.trades());
      engine.run(ALL);
      assertThat(engine.audit().gaps()).isEqualTo(GapCounts.NONE);
      assertThat(receiver.held.values()).containsExactlyInAnyOrderElementsOf(source.trades());
    }
  }
}
