package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HealthTest {

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().build();

  @Test
  void anEmptySourceIsHealthy() {
    EngineFixture.assertEmpty(engine.health());
    EngineFixture.assertResult(engine.run(), true, 0, 0, 0, "Sync completed: 0/0 trades processed");
    assertThat(fixture.listener.progress).isEmpty();
  }

  @Test
  void whileNothingIsProcessedTheLagCountsFromTheOldestTrade() {
    fixture.source.put(trade("a", T0), trade("b", T0 + 119));
    SyncHealth health = engine.health();
    assertThat(health.lagMinutes()).isEqualTo(1);
    assertThat(health.lastProcessedEpochSecond()).isNull();
    assertThat(health.missedTrades()).isEqualTo(2);
  }

  @Test
  void oneTradeAloneHasNoLag() {
    fixture.source.put(trade("a", T0));
    assertThat(engine.health().lagMinutes()).isZero();
    assertThat(engine.health().recommendation()).isEqualTo(Recommendation.SYNC_RECOMMENDED);
    engine.run();
    fixture.assertEqualSides();
  }

  @Test
  void theLagIsNeverNegative() {
    Trade late = trade("late", T0 + 6_000);
    fixture.source.put(trade("a", T0), late);
    engine.run();
    fixture.source.remove("late");
    SyncHealth health = engine.health();
    assertThat(health.lagMinutes()).isZero();
    assertThat(health.lastProcessedEpochSecond()).isEqualTo(T0 + 6_000);
    assertThat(health.gaps()).isEqualTo(new GapCounts(0, 0, 0, 1));
    assertThat(health.missedTrades()).isZero();
    assertThat(health.isHealthy()).isFalse();
  }

  @Test
  void theNewestProcessedTradeIsNotAFailedOne() {
    fixture.source.put(trade("a", T0), trade("b", T0 + 120));
    fixture.sink.hook =
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
    fixture.source.put(trade("a", T0), trade("b", T0 + 3_600));
    assertThat(engine.health().recommendation()).isEqualTo(Recommendation.IMMEDIATE_SYNC_REQUIRED);
    fixture.source.put(trade("b", T0 + 3_599));
    assertThat(engine.health().recommendation()).isEqualTo(Recommendation.SYNC_RECOMMENDED);
    SyncEngine strict = fixture.builder().immediateSyncLag(Duration.ofMinutes(2)).build();
    assertThat(strict.health().recommendation()).isEqualTo(Recommendation.IMMEDIATE_SYNC_REQUIRED);
  }

  @Test
  void anOldGapWithNothingElseBehindIsNoLag() {
    List<Trade> trades = SampleTrades.trades(100, 600);
    fixture.source.putAll(trades);
    engine.ingest(trades.subList(1, 100));
    SyncHealth health = engine.health();
    assertThat(health.lagMinutes()).isZero();
    assertThat(health.recommendation()).isEqualTo(Recommendation.SYNC_RECOMMENDED);
    assertThat(health.gaps()).isEqualTo(new GapCounts(1, 0, 0, 0));
  }

  @Test
  void healthChangesNothing() {
    fixture.source.putAll(SampleTrades.trades(10, 1));
    engine.health();
    assertThat(fixture.sink.attempts).isEmpty();
    assertThat(engine.runs(10)).isEmpty();
    assertThat(fixture.listener.events).isEmpty();
  }

  @Test
  void healthReadsThroughSidesOfItsOwn() {
    RecordingSource ofHealth = new RecordingSource(fixture.source);
    fixture.source.put(trade("a", T0));
    SyncEngine withOwn = fixture.builder().healthSides(ofHealth, fixture.log).build();
    withOwn.run();
    assertThat(ofHealth.requests).hasValue(0);
    assertThat(withOwn.health().isHealthy()).isTrue();
    assertThat(ofHealth.requests.get()).isPositive();
  }
}
