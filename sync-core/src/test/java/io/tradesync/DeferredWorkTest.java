package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.spi.FailureKind;
import org.junit.jupiter.api.Test;

/** Work that the sink left for the end of a run, and settings that it no longer can work with. */
class DeferredWorkTest {

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().build();

  @Test
  void aRunThatClosedItsGapsSucceedsAlthoughCandlesAreStillToBeRecomputed() {
    fixture.source.putAll(SampleTrades.trades(3, 1));
    fixture.sink.deferredPieces.set(7);
    fixture.sink.deferredFailure = new IllegalStateException("canceling statement due to timeout");

    SyncResult result = engine.run();

    EngineFixture.assertResult(
        result,
        true,
        3,
        0,
        3,
        "Sync completed: 3/3 trades processed; 7 candles still to be recomputed");
    assertThat(result.outcome()).isEqualTo(RunOutcome.COMPLETED);
    assertThat(engine.health().candlesToRecompute()).isEqualTo(7);
    assertThat(engine.health().isHealthy()).isTrue();
  }

  @Test
  void theNextRunGoesOnEvenIfItFindsNoGap() {
    fixture.sink.deferredPieces.set(7);
    fixture.sink.deferredFailure = new IllegalStateException("canceling statement due to timeout");
    EngineFixture.assertResult(
        engine.run(),
        true,
        0,
        0,
        0,
        "Sync completed: 0/0 trades processed; 7 candles still to be recomputed");

    fixture.sink.deferredFailure = null;
    EngineFixture.assertResult(engine.run(), true, 0, 0, 0, "Sync completed: 0/0 trades processed");
    assertThat(engine.health().candlesToRecompute()).isZero();
  }

  @Test
  void aForceWhoseCandlesAreStillToBeRecomputedDoesNotSucceed() {
    fixture.source.putAll(SampleTrades.trades(3, 1));
    fixture.sink.deferredPieces.set(2);
    fixture.sink.deferredFailure = new IllegalStateException("canceling statement due to timeout");

    EngineFixture.assertResult(
        engine.forceFromEpochSecond(0),
        false,
        3,
        0,
        3,
        "Sync completed: 3/3 trades processed; 2 candles still to be recomputed");
  }

  @Test
  void aSinkWhoseSettingsAreNoLongerRightEndsTheRunAndNoTradeIsMarked() {
    fixture.source.putAll(SampleTrades.trades(120, 1));
    fixture.sink.kind = FailureKind.SETTING;
    fixture.sink.hook =
        batch -> {
          throw new InvalidSettingException("bucketSeconds", "[60]", "must be [60, 300]");
        };

    SyncResult result = engine.run();

    EngineFixture.assertResult(
        result,
        false,
        0,
        0,
        120,
        "Sync stopped, bucketSeconds must be [60, 300], but is: [60]: 0/120 trades processed");
    assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
    assertThatThrownBy(() -> engine.ingest(SampleTrades.trades(1, 1)))
        .isInstanceOf(InvalidSettingException.class);
  }
}
