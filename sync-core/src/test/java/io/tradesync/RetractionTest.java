package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.spi.log.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Trades that leave the source, for a while or for good, and what was verified before. */
class RetractionTest {

  private static final RunOptions ALLOWED = RunOptions.DEFAULT.allowMassRetraction(true);

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().build();

  private void synced(int trades) {
    fixture.source.putAll(SampleTrades.trades(trades, 1));
    assertThat(engine.run().processed()).isEqualTo(trades);
  }

  private void vanish(int from, int to) {
    IntStream.range(from, to).forEach(i -> fixture.source.remove(SampleTrades.nth(i, T0 + i).id()));
  }

  private void assertEqualSides() {
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
    assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
  }

  @Test
  void whatVanishedIsAGapAtOnceAndRetractedAfterTheGraceTime() {
    synced(200);
    vanish(10, 15);

    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 0, 5));
    assertThat(engine.run().total()).isZero();
    fixture.clock.advance(SyncEngineBuilder.DEFAULT_ORPHAN_GRACE.minusSeconds(1));
    assertThat(engine.run().total()).isZero();
    fixture.clock.advance(Duration.ofSeconds(1));
    EngineFixture.assertResult(engine.run(), true, 5, 0, 5, "Sync completed: 5/5 trades processed");
    assertEqualSides();
  }

  @Test
  void whatComesBackWithinTheGraceTimeIsNeverLetGoAndItsTimeBeginsAnew() {
    synced(200);
    Trade away = SampleTrades.nth(10, T0 + 10);
    vanish(10, 11);
    assertThat(engine.run().total()).isZero();
    fixture.source.put(away);
    assertThat(engine.run().total()).isZero();
    vanish(10, 11);
    fixture.clock.advance(SyncEngineBuilder.DEFAULT_ORPHAN_GRACE);

    assertThat(engine.run().total()).isZero();
    assertThat(fixture.sink.held.trades()).contains(away);
    fixture.source.put(away);
    assertThat(engine.run().total()).isZero();
    assertThat(fixture.sink.held.writes()).isEqualTo(200);
  }

  @Test
  void whatWasRetractedComesBack() {
    synced(200);
    vanish(10, 11);
    assertThat(engine.run().total()).isZero();
    fixture.clock.advance(SyncEngineBuilder.DEFAULT_ORPHAN_GRACE);
    assertThat(engine.run().processed()).isEqualTo(1);

    fixture.source.put(SampleTrades.nth(10, T0 + 10));
    assertThat(engine.run().processed()).isEqualTo(1);
    assertEqualSides();
  }

  @Test
  void aTradeThatMovedIsOneRepairAndCountsOnce() {
    synced(200);
    Trade moved = trade(SampleTrades.nth(10, 0).id(), T0 + 400);
    fixture.source.remove(moved.id());
    fixture.source.put(moved);

    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(1, 0, 0, 1));
    EngineFixture.assertResult(engine.run(), true, 1, 0, 1, "Sync completed: 1/1 trades processed");
    assertEqualSides();
    assertThat(fixture.sink.held.writes()).isEqualTo(201);
  }

  @Test
  void anEmptiedSourceHoldsBackAllRetractionsUntilTheyAreAllowed() {
    synced(20);
    vanish(0, 20);
    assertThat(engine.run().success()).isTrue();
    fixture.clock.advance(SyncEngineBuilder.DEFAULT_ORPHAN_GRACE);

    SyncResult held = engine.run();
    EngineFixture.assertResult(
        held,
        false,
        0,
        0,
        0,
        "Sync completed: 0/0 trades processed; 20 retractions held back, since the source has lost"
            + " 20 of 20 processed trades; allow a mass retraction if that is right");
    assertThat(held.outcome()).isEqualTo(RunOutcome.COMPLETED);
    assertThat(fixture.sink.held.trades()).hasSize(20);
    assertThat(engine.run(ALLOWED).processed()).isEqualTo(20);
    assertThat(fixture.sink.held.trades()).isEmpty();
  }

  @Test
  void aSourceThatLostMostHoldsBackRetractionsAndNothingElse() {
    synced(500);
    vanish(0, 101);
    fixture.source.put(trade("late", T0 + 600));
    assertThat(engine.run().processed()).isEqualTo(1);
    fixture.clock.advance(SyncEngineBuilder.DEFAULT_ORPHAN_GRACE);
    fixture.source.put(trade("later", T0 + 601));

    SyncResult held = engine.run();
    assertThat(held.success()).isFalse();
    assertThat(held.processed()).isEqualTo(1);
    assertThat(held.message()).contains("101 retractions held back");
    fixture.source.putAll(
        IntStream.range(0, 1).mapToObj(i -> SampleTrades.nth(i, T0 + i)).toList());
    assertThat(engine.run().processed()).as("100 are few").isEqualTo(100);
    assertEqualSides();
  }

  @Test
  void whatLiesBelowTheVerifiedSecondIsFoundByAnAuditAndRepairedByTheNextRun() {
    SyncEngine remembering =
        fixture.builder().compareAllUpTo(0).confirmation(Duration.ZERO).build();
    fixture.clock.advance(Duration.ofHours(1));
    fixture.source.putAll(SampleTrades.trades(500, 10));
    assertThat(remembering.run().processed()).isEqualTo(500);
    assertThat(remembering.run().total()).isZero();
    Verified verified = remembering.health().verified();
    assertThat(verified).isNotNull();
    assertThat(verified.throughEpochSecond()).isGreaterThan(T0 + 3_600 - 60);

    fixture.source.put(trade("late", T0 + 5));
    assertThat(remembering.health().isHealthy()).isTrue();
    assertThat(remembering.run().total()).isZero();
    AuditReport audit = remembering.audit();
    assertThat(audit.gaps()).isEqualTo(new GapCounts(1, 0, 0, 0));
    assertThat(audit.ranges())
        .containsExactly(
            new GapRange(
                GapKind.MISSING,
                new TradeKey(T0 + 5, "late"),
                new TradeKey(T0 + 5, "late"),
                1,
                GapPosition.MIDDLE));
    assertThat(remembering.health().missedTrades()).isEqualTo(1);
    assertThat(remembering.run().processed()).isEqualTo(1);
    assertThat(remembering.health().isHealthy()).isTrue();

    fixture.source.put(trade("later", T0 + 6));
    assertThat(remembering.run(RunOptions.DEFAULT.compareAll(true)).processed()).isEqualTo(1);
    fixture.source.put(trade("latest", T0 + 7));
    remembering.forgetVerification();
    assertThat(remembering.run().processed()).isEqualTo(1);
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
    assertThat(List.of(remembering.runs(1).get(0).kind())).containsExactly(RunKind.RUN);
  }

  /**
   * Replaces trades by others with the same times and new ids, as a redeploy behind a view does.
   */
  private void redeploy(int from, int to) {
    vanish(from, to);
    fixture.source.putAll(
        IntStream.range(from, to).mapToObj(i -> trade("new" + i, T0 + i)).toList());
  }

  /** Lets the grace period pass with each batch. */
  private void slowDownSink() {
    fixture.sink.hook =
        batch -> {
          Instant ignored = fixture.clock.advance(SyncEngineBuilder.DEFAULT_ORPHAN_GRACE);
        };
  }

  private long oldTradesHeld() {
    return fixture.sink.held.trades().stream().filter(t -> !t.id().startsWith("new")).count();
  }

  @Test
  void aRunThatOutlastsTheGraceOfALostSourceRetractsNothing() {
    synced(5_000);
    redeploy(0, 5_000);
    slowDownSink();
    SyncEngine slow = fixture.builder().parallelism(1).build();

    SyncResult first = slow.run();
    assertThat(first.processed()).isEqualTo(5_000);
    assertThat(oldTradesHeld()).isEqualTo(5_000);

    SyncResult second = slow.run();
    assertThat(second.success()).isFalse();
    assertThat(second.message()).contains("5000 retractions held back");
    assertThat(oldTradesHeld()).isEqualTo(5_000);
  }

  @Test
  void whatBecomesDueDuringARunBelongsToTheNextOne() {
    synced(5_000);
    vanish(4_900, 4_901);
    assertThat(engine.run().total()).isZero();
    fixture.clock.advance(SyncEngineBuilder.DEFAULT_ORPHAN_GRACE);
    redeploy(4_901, 5_000);
    fixture.source.putAll(
        IntStream.range(0, 4_900).mapToObj(i -> trade("new" + i, T0 + i)).toList());
    slowDownSink();
    SyncEngine slow = fixture.builder().parallelism(1).build();

    assertThat(slow.run().total()).as("one is due, 99 are not yet").isEqualTo(5_000);
    assertThat(oldTradesHeld()).isEqualTo(4_999);

    assertThat(slow.run().total()).isEqualTo(99);
    assertThat(oldTradesHeld()).isEqualTo(4_900);
  }

  @Test
  void aForceThatOutlastsTheGraceOfALostSourceRetractsNothing() {
    synced(5_000);
    redeploy(0, 5_000);
    slowDownSink();
    SyncEngine slow = fixture.builder().parallelism(1).build();

    SyncResult forced = slow.forceFromEpochSecond(T0 - 1);

    assertThat(forced.success()).isTrue();
    assertThat(forced.processed()).isEqualTo(5_000);
    assertThat(oldTradesHeld()).isEqualTo(5_000);
    assertThat(slow.forceFromEpochSecond(T0 - 1).success()).isFalse();
    assertThat(oldTradesHeld()).isEqualTo(5_000);
  }

  private void graceIsOver(SyncEngine of) {
    assertThat(of.run().success()).isTrue();
    Instant ignored = fixture.clock.advance(SyncEngineBuilder.DEFAULT_ORPHAN_GRACE);
  }

  @Test
  void aForceFromHighUpRetractsNothingIfTheScopeLostMostOfItsTrades() {
    synced(1_000);
    vanish(0, 950);
    graceIsOver(engine);

    SyncResult forced = engine.forceFromEpochSecond(T0 + 899);

    assertThat(forced.success()).isFalse();
    assertThat(forced.message()).contains("50 retractions held back", "950 of 1000");
    assertThat(fixture.sink.held.trades()).hasSize(1_000);
  }

  @Test
  void aForceFromHighUpRetractsWhatIsFewOfTheScope() {
    synced(1_000);
    vanish(850, 970);
    graceIsOver(engine);

    SyncResult forced = engine.forceFromEpochSecond(T0 + 849);

    EngineFixture.assertResult(
        forced, true, 150, 0, 150, "Sync completed: 150/150 trades processed");
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
  }

  @Test
  void aForceFromHighUpCountsWhatWasVerifiedBefore() {
    SyncEngine verifying = fixture.builder().compareAllUpTo(0).build();
    fixture.source.putAll(SampleTrades.trades(1_000, 1));
    assertThat(verifying.run().processed()).isEqualTo(1_000);
    vanish(0, 950);
    fixture.clock.advance(SyncEngineBuilder.DEFAULT_ORPHAN_GRACE);
    assertThat(verifying.run(RunOptions.DEFAULT.compareAll(true)).total()).isZero();
    fixture.clock.advance(SyncEngineBuilder.DEFAULT_ORPHAN_GRACE);

    SyncResult forced = verifying.forceFromEpochSecond(T0 + 899);

    assertThat(forced.success()).isFalse();
    assertThat(forced.message()).contains("50 retractions held back", "950 of 1000");
  }

  @Test
  void aForceThatIsResumedRetractsNothingIfTheScopeLostMostOfItsTrades() {
    synced(1_000);
    vanish(0, 950);
    TradeKey committed = SampleTrades.nth(899, T0 + 899).key();
    fixture.log.runs().begin("dead", RunKind.FORCE, "a host", ForcedTrades.after(T0 - 1));
    fixture
        .log
        .runs()
        .update("dead", new RunState(RunOutcome.ABORTED, 900, 0, 1_000, committed, "it died"));
    SyncListener graceEndsAfterTheRun =
        new SyncListener() {
          @Override
          public void runEnded(SyncResult result) {
            Instant ignored = fixture.clock.advance(SyncEngineBuilder.DEFAULT_ORPHAN_GRACE);
          }
        };
    fixture.listener.results.clear();
    assertThat(fixture.builder().listener(graceEndsAfterTheRun).build().run().success()).isTrue();

    SyncResult resumed = fixture.listener.results.get(1);
    assertThat(resumed.success()).isFalse();
    assertThat(resumed.message()).contains("50 retractions held back", "950 of 1000");
    assertThat(fixture.sink.held.trades()).hasSize(1_000);
  }
}
