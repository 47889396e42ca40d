package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.spi.TradeSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever happened before and meanwhile, the next quiet run makes both sides equal. */
class AnyHistoryTest {

  @Property(tries = 100)
  void aQuietRunMakesBothSidesEqualAndASecondOneDoesNothing(@ForAll long seed) {
    Random random = new Random(seed);
    EngineFixture fixture = new EngineFixture();
    boolean minimal = random.nextInt(4) == 0;
    TradeSource source = minimal ? new MinimalSource(fixture.source) : fixture.source;
    SyncEngine engine =
        fixture
            .builder()
            .source(source)
            .batchSize(1 + random.nextInt(60))
            .parallelism(1 + random.nextInt(4))
            .build();
    int ids = 1 + random.nextInt(400);
    int spread = 1 + random.nextInt(1 + random.nextInt(100_000));
    for (int step = 0; step < 1 + random.nextInt(5); step++) {
      change(fixture, random, ids, spread);
      AtomicLong calls = new AtomicLong();
      int failsEvery = 2 + random.nextInt(6);
      boolean data = random.nextBoolean();
      int late = random.nextInt(ids);
      fixture.sink.hook =
          batch -> {
            long call = calls.incrementAndGet();
            if (call % failsEvery == 0) {
              throw data ? new IllegalArgumentException("no") : new IOException("reset");
            }
            if (call == 3) {
              fixture.source.put(SampleTrades.nth(ids + late, second(ids + late, spread)));
            }
          };
      switch (random.nextInt(4)) {
        case 0 -> engine.forceFromEpochSecond(T0 + random.nextInt(spread));
        case 1 -> engine.ingest(some(fixture.source.trades(), random));
        default -> {
          SyncResult result = engine.run();
          assertThat(result.success()).isTrue();
          assertThat(result.processed() + result.errors()).isEqualTo(result.total());
        }
      }
    }
    fixture.sink.hook = batch -> {};
    SyncHealth before = engine.health();
    SyncResult quiet = engine.run();
    assertThat(quiet.total()).isEqualTo(before.gaps().total());
    assertThat(quiet.processed()).isEqualTo(quiet.total());
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
    assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    long writes = fixture.sink.held.writes();
    assertThat(engine.run().total()).isZero();
    assertThat(fixture.sink.held.writes()).isEqualTo(writes);
    assertThat(engine.failedTrades(TradeKey.MIN, 1)).isEmpty();
  }

  /** An id keeps its second; see {@link RandomHistoryTest} for ids that move. */
  private static long second(int id, int spread) {
    return T0 + Math.floorMod(id * 7_919L, spread);
  }

  private static void change(EngineFixture fixture, Random random, int ids, int spread) {
    int changes = random.nextInt(ids + 1);
    for (int i = 0; i < changes; i++) {
      int id = random.nextInt(ids);
      Trade trade = SampleTrades.nth(id, second(id, spread));
      String quantity = random.nextInt(5) == 0 ? "" + random.nextInt(100) : "2";
      fixture.source.put(SampleTrades.trade(trade.id(), trade.epochSecond(), quantity));
    }
  }

  private static List<Trade> some(List<Trade> trades, Random random) {
    List<Trade> some = new ArrayList<>(trades);
    some.removeIf(trade -> random.nextInt(3) == 0);
    return some;
  }
}
