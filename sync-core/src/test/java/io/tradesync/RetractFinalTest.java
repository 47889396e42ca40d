package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A source from which somebody deletes old rows on purpose: {@code retractFinal(false)}. */
class RetractFinalTest {

  private static final Duration GRACE = SyncEngineBuilder.DEFAULT_ORPHAN_GRACE;
  private static final int FINAL = 300;

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().retractFinal(false).build();

  /** Two hours old trades, which are final, and some that are not. */
  private void synced(SyncEngine by) {
    fixture.source.putAll(SampleTrades.trades(FINAL, 1));
    fixture.clock.advance(Duration.ofHours(2));
    long now = fixture.clock.instant().getEpochSecond();
    IntStream.range(0, 50).forEach(i -> fixture.source.put(trade("young" + i, now - 60 + i)));
    assertThat(by.run().processed()).isEqualTo(FINAL + 50);
  }

  private void prune(int from, int to) {
    IntStream.range(from, to).forEach(i -> fixture.source.remove(SampleTrades.nth(i, T0 + i).id()));
  }

  private SyncResult runAfterGrace(SyncEngine by) {
    assertThat(by.run().success()).isTrue();
    fixture.clock.advance(GRACE);
    return by.run();
  }

  private void assertKept(SyncEngine by, long kept) {
    assertThat(by.health().kept()).isEqualTo(kept);
    assertThat(by.health().gaps()).isEqualTo(GapCounts.NONE);
  }

  @Test
  void finalTradesThatVanishAreKeptAndAreNoGap() {
    synced(engine);
    prune(0, 250);

    assertKept(engine, 250);
    SyncResult result = runAfterGrace(engine);
    EngineFixture.assertResult(result, true, 0, 0, 0, "Sync completed: 0/0 trades processed");
    assertThat(result.isComplete()).isTrue();
    assertThat(fixture.sink.held.trades()).hasSize(FINAL + 50);
    assertThat(engine.audit().gaps()).isEqualTo(GapCounts.NONE);
    assertKept(engine, 250);
  }

  @Test
  void keptTradesDoNotCountForTheGuard() {
    synced(engine);
    prune(0, 250);
    fixture.source.remove("young7");

    EngineFixture.assertResult(
        runAfterGrace(engine), true, 1, 0, 1, "Sync completed: 1/1 trades processed");
    assertThat(fixture.sink.held.trades()).hasSize(FINAL + 49);
    assertKept(engine, 250);
  }

  @Test
  void byDefaultTheyAreRetractedOrHeldBack() {
    SyncEngine plain = fixture.builder().build();
    synced(plain);
    prune(0, 250);

    assertThat(plain.health().gaps().orphaned()).isEqualTo(250);
    assertThat(plain.health().kept()).isZero();
    assertThat(runAfterGrace(plain).message()).contains("250 retractions held back");
  }

  @Test
  void aFinalTradeThatMovedIsMovedAndNotKept() {
    synced(engine);
    Trade moved = trade(SampleTrades.nth(10, 0).id(), T0 + 40_000);
    fixture.source.remove(moved.id());
    fixture.source.put(moved);

    assertThat(engine.health().isHealthy()).isFalse();
    EngineFixture.assertResult(engine.run(), true, 1, 0, 1, "Sync completed: 1/1 trades processed");
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
    assertKept(engine, 0);
  }

  @Test
  void aForceWritesKeptTradesNeitherAgainNorAway() {
    synced(engine);
    prune(0, 250);

    SyncResult forced = engine.forceFromEpochSecond(T0 - 1);
    assertThat(forced.success()).isTrue();
    assertThat(forced.processed()).isEqualTo(FINAL - 250 + 50);
    fixture.clock.advance(GRACE);
    assertThat(engine.forceFromEpochSecond(T0 - 1).success()).isTrue();
    assertThat(fixture.sink.held.trades()).hasSize(FINAL + 50);
    assertKept(engine, 250);
  }

  @Test
  void aKeptTradeThatComesBackIsComparedAgain() {
    synced(engine);
    prune(0, 3);
    assertKept(engine, 3);

    fixture.source.put(SampleTrades.nth(0, T0));
    fixture.source.put(trade(SampleTrades.nth(1, 0).id(), T0 + 1, "7"));
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 1, 0));
    assertThat(engine.run().processed()).isEqualTo(1);
    assertKept(engine, 1);
  }

  @Test
  void keptTradesAreVerifiedAndNotLookedAtByEveryRun() {
    SyncEngine remembering = fixture.builder().retractFinal(false).compareAllUpTo(60).build();
    synced(remembering);
    prune(0, FINAL - 5);
    RunOptions everything = RunOptions.DEFAULT.compareAll(true);
    assertThat(remembering.run(everything).total()).isZero();

    assertKept(remembering, FINAL - 5);
    Verified verified = remembering.health().verified();
    assertThat(verified).isNotNull();
    assertThat(verified.trades()).isEqualTo(5);
    assertThat(verified.kept()).isEqualTo(FINAL - 5);
    fixture.source.put(trade("late", T0 + 5));
    assertThat(remembering.health().isHealthy()).as("what is verified is left out").isTrue();
    fixture.source.remove("young7");
    assertThat(runAfterGrace(remembering).processed()).as("the guard does not hold back").isOne();
    assertKept(remembering, FINAL - 5);
    assertThat(remembering.audit().gaps()).isEqualTo(new GapCounts(1, 0, 0, 0));
    assertThat(remembering.run().processed()).isEqualTo(1);
    assertKept(remembering, FINAL - 5);
  }

  @Test
  void aBaselineThatRisesTakesKeptTradesOutFirst() {
    Verified verified = new Verified(null, T0, 100, 40, fixture.clock.instant());
    assertThat(verified.without(T0 - 9, 30))
        .isEqualTo(new Verified(T0 - 9, T0, 100, 10, verified.at()));
    assertThat(verified.without(T0 - 9, 60))
        .isEqualTo(new Verified(T0 - 9, T0, 80, 0, verified.at()));
    assertThat(verified.without(T0 - 9, 999).entries()).isZero();
  }
}
