package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.BatchProgress;
import io.tradesync.FailedTrade;
import io.tradesync.GapCounts;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkOutcome;
import io.tradesync.spi.WorkUnit;
import io.tradesync.spi.Workers;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/**
 * Sides, engines and workers of {@link WorkersContract}.
 *
 * @param <T> the type of the log's transactions
 */
abstract class WorkersFixture<T> {

  static final long T0 = 1_754_352_000;
  static final int TRADES = 360;
  static final int BATCH = 10;

  // Three hours of three days, so that units end at days, and at hours within them.
  static final long APART = 720;

  RandomHistory.Sides<T> sides;
  Workers plain;
  Workers workers;
  final SettableClock clock = new SettableClock();
  final List<BatchProgress> progress = new CopyOnWriteArrayList<>();
  final List<FailedTrade> marked = new CopyOnWriteArrayList<>();
  volatile @Nullable Consumer<List<TradeChange>> hook;
  @Nullable SyncEngine built;

  static int number(String id) {
    return Integer.parseInt(id.substring(1));
  }

  abstract RandomHistory.Sides<T> emptySides();

  abstract Workers workersOf(Supplier<SyncEngine> engines);

  @BeforeEach
  final void begin() {
    sides = emptySides();
    plain = workersOf(() -> builder().build());
    workers = plain;
  }

  SyncEngineBuilder builder() {
    return SyncEngine.builder()
        .source(sides.source())
        .log(sides.log())
        .sink(new HookedSink<>(sides.sink()))
        .clock(clock)
        .orphanGrace(Duration.ZERO)
        .batchSize(BATCH)
        .parallelism(2)
        .retryDelay(Duration.ofMillis(1));
  }

  SyncEngine engine(UnaryOperator<SyncEngineBuilder> settings) {
    SyncEngine engine =
        settings
            .apply(builder().workers(workers))
            .listener(
                new SyncListener() {
                  @Override
                  public void batchFinished(BatchProgress batch) {
                    progress.add(batch);
                  }

                  @Override
                  public void tradesFailed(List<FailedTrade> trades) {
                    marked.addAll(trades);
                  }
                })
            .build();
    built = engine;
    return engine;
  }

  SyncEngine engine() {
    SyncEngine engine = built;
    return engine == null ? engine(settings -> settings) : engine;
  }

  private final class HookedSink<S> extends ForwardingSink<S> {
    HookedSink(TransactionalSink<S> sink) {
      super(sink);
    }

    @Override
    public void write(TradeBatch batch, S transaction) throws Exception {
      Consumer<List<TradeChange>> called = hook;
      if (called != null) {
        called.accept(batch.changes());
      }
      super.write(batch, transaction);
    }
  }

  static Trade trade(int id, long second, long price) {
    return Trade.builder("t" + id, second, 31337, "0xpool")
        .price(BigDecimal.valueOf(price))
        .quantity(BigDecimal.ONE)
        .side("Buy")
        .build();
  }

  static List<Trade> trades(int from, int to, long price) {
    List<Trade> trades = new ArrayList<>();
    for (int i = from; i < to; i++) {
      trades.add(trade(i, T0 + i * APART, price));
    }
    return trades;
  }

  /** Changes the source's rows; those of the same id are replaced. */
  void change(List<String> removed, List<Trade> added) {
    List<String> replaced = new ArrayList<>(removed);
    added.forEach(trade -> replaced.add(trade.id()));
    sides.change(replaced, added);
  }

  List<Trade> fill() {
    List<Trade> trades = trades(0, TRADES, 1);
    change(List.of(), trades);
    return trades;
  }

  void assertEqual(List<Trade> expected) {
    List<Trade> sorted = new ArrayList<>(expected);
    sorted.sort(Comparator.comparing(Trade::key));
    List<Trade> held = new ArrayList<>(sides.held());
    held.sort(Comparator.comparing(Trade::key));
    assertThat(held).isEqualTo(sorted);
    sides.check();
    try (SyncEngine local = builder().build()) {
      assertThat(local.health().gaps()).isEqualTo(GapCounts.NONE);
      assertThat(local.run().total()).isZero();
    }
  }

  static void assertCounts(SyncResult result, long processed, long errors) {
    assertThat(result.success()).as(result.message()).isTrue();
    assertThat(List.of(result.processed(), result.errors(), result.total()))
        .as("processed, errors, total")
        .containsExactly(processed, errors, processed + errors);
  }

  /** Workers that lose the outcomes of some units, which are carried out all the same. */
  private record Intercepted(Workers inner, BiPredicate<WorkOrder, WorkUnit> lost)
      implements Workers {
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
      List<Integer> lostUnits =
          units.stream().filter(unit -> lost.test(order, unit)).map(WorkUnit::number).toList();
      inner.carryOut(
          order,
          units,
          outcome -> {
            if (!lostUnits.contains(outcome.unit())) {
              done.accept(outcome);
            }
          });
    }
  }

  void lose(BiPredicate<WorkOrder, WorkUnit> lost) {
    built = null;
    workers = new Intercepted(plain, lost);
  }
}
