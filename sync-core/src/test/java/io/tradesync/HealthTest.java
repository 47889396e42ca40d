package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncHealth.NoGaps;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HealthTest {

  private final EngineFixture bench = new EngineFixture();
  private final SyncEngine engine = bench.builder().build();

  @Test
  void anEmptySourceIsHealthy() {
    assertThat(engine.health())
        .usingRecursiveComparison()
        .ignoringFields("verified")
        .isEqualTo(
            new SyncHealth(
                0, null, null, Recommendation.HEALTHY, GapCounts.NONE, null, null, NoGaps.NONE));
    EngineFixture.assertResult(engine.run(), true, 0, 0, 0, "Sync completed: 0/0 trades processed");
    assertThat(bench.told.progress).isEmpty();
  }

  @Test
  void whileNothingIsProcessedTheLagCountsFromTheOldestTrade() {
    bench.source.put(trade("a", T0), trade("b", T0 + 119));
    SyncHealth health = engine.health();
    assertThat(health.lagMinutes()).isEqualTo(1);
    assertThat(health.lastProcessedEpochSecond()).isNull();
    assertThat(health.missedTrades()).isEqualTo(2);
  }

  @Test
  void oneTradeAloneHasNoLag() {
    bench.source.put(trade("a", T0));
    assertThat(engine.health().lagMinutes()).isZero();
    assertThat(engine.health().recommendation()).isEqualTo(Recommendation.SYNC_RECOMMENDED);
    engine.run();
    bench.assertEqualSides();
  }

  @Test
  void theLagIsNeverNegative() {
    Trade late = trade("late", T0 + 6_000);
    bench.source.put(trade("a", T0), late);
    engine.run();
    bench.source.remove("late");
    SyncHealth health = engine.health();
    assertThat(health.lagMinutes()).isZero();
    assertThat(health.lastProcessedEpochSecond()).isEqualTo(T0 + 6_000);
    assertThat(health.gaps()).isEqualTo(new GapCounts(0, 0, 0, 1));
    assertThat(health.missedTrades()).isZero();
    assertThat(health.isHealthy()).isFalse();
  }

  @Test
  void theNewestProcessedTradeIsNotAFailedOne() {
    bench.source.put(trade("a", T0), trade("b", T0 + 120));
    bench.sink.hook =
        batch -> {
          if (EngineFixture.keys(batch).contains(new TradeKey(T0 + 120, "b"))) {
            throw new IllegalArgumentException("no");
          }
        };
    engine.run();
    SyncHealth health = engine.health();
    assertThat(health.lastProcessedEpochSecond()).isEqualTo(T0);
    assertThat(health.lagMinutes()).isEqualTo(2);
    assertThat(health.gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
  }

  @Test
  void theLagFromWhichASyncIsRequiredAtOnceIsASetting() {
    bench.source.put(trade("a", T0), trade("b", T0 + 3_600));
    assertThat(engine.health().recommendation()).isEqualTo(Recommendation.IMMEDIATE_SYNC_REQUIRED);
    bench.source.put(trade("b", T0 + 3_599));
    assertThat(engine.health().recommendation()).isEqualTo(Recommendation.SYNC_RECOMMENDED);
    SyncEngine strict = bench.builder().immediateSyncLag(Duration.ofMinutes(2)).build();
    assertThat(strict.health().recommendation()).isEqualTo(Recommendation.IMMEDIATE_SYNC_REQUIRED);
  }

  @Test
  void anOldGapWithNothingElseBehindIsNoLag() {
    List<Trade> trades = SampleTrades.trades(100, 600);
    bench.source.putAll(trades);
    engine.ingest(trades.subList(1, 100));
    SyncHealth health = engine.health();
    assertThat(health.lagMinutes()).isZero();
    assertThat(health.recommendation()).isEqualTo(Recommendation.SYNC_RECOMMENDED);
    assertThat(health.gaps()).isEqualTo(new GapCounts(1, 0, 0, 0));
  }

  @Test
  void healthChangesNothing() {
    bench.source.putAll(SampleTrades.trades(10, 1));
    engine.health();
    assertThat(bench.sink.attempts).isEmpty();
    assertThat(engine.runs(10)).isEmpty();
    assertThat(bench.told.events).isEmpty();
  }

  @Test
  void healthReadsThroughSidesOfItsOwn() {
    RecordingSource ofHealth = new RecordingSource(bench.source);
    bench.source.put(trade("a", T0));
    SyncEngine withOwn = bench.builder().healthSides(ofHealth, bench.log).build();
    withOwn.run();
    assertThat(ofHealth.requests).hasValue(0);
    assertThat(withOwn.health().isHealthy()).isTrue();
    assertThat(ofHealth.requests.get()).isPositive();
  }
}
