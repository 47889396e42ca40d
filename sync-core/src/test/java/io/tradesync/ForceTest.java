package io.tradesync;

import static io.tradesync.EngineFixture.assertResult;
import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.RunState;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForceTest {

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().build();

  @Test
  void onlyLaterTradesAreProcessedAnew() {
    fixture.source.put(trade("a", T0 - 1), trade("b", T0), trade("c", T0), trade("d", T0 + 1));
    engine.run();
    fixture.sink.attempts.clear();
    assertThat(engine.forceFromEpochSecond(T0).total()).isEqualTo(1);
    assertThat(EngineFixture.keys(fixture.sink.attempts.get(0)))
        .containsExactly(new TradeKey(T0 + 1, "d"));
    assertThat(engine.forceFrom(Instant.ofEpochSecond(T0 - 1, 999_999_999)).total()).isEqualTo(3);
    assertThat(engine.forceFromEpochSecond(T0 + 1).total()).isZero();
    assertThat(engine.forceFromEpochSecond(0).total()).isEqualTo(4);
  }

  private void aForceDied(RunOutcome outcome, TradeKey through) {
    fixture.log.runs().begin("died", RunKind.FORCE, "host", ForcedTrades.after(T0 + 9));
    fixture.log.runs().update("died", new RunState(outcome, 0, 0, 0, through, "words"));
  }

  @Test
  void aForceThatDiedIsTakenUpByTheNextRun() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    engine.run();
    aForceDied(RunOutcome.RUNNING, fixture.source.trades().get(59).key());
    fixture.source.put(trade("new", T0 + 200));
    fixture.sink.attempts.clear();
    fixture.listener.events.clear();

    assertThat(engine.run().processed()).isEqualTo(1);

    assertThat(fixture.listener.events)
        .contains("started RUN", "started FORCE")
        .endsWith("ended COMPLETED");
    assertThat(fixture.sink.attempts.get(0).forced()).isFalse();
    List<TradeKey> forced =
        fixture.sink.attempts.stream()
            .filter(TradeBatch::forced)
            .flatMap(batch -> EngineFixture.keys(batch).stream())
            .toList();
    assertThat(forced)
        .isEqualTo(fixture.source.trades().stream().map(Trade::key).skip(60).toList());
    assertThat(engine.findRun("died").orElseThrow().outcome()).isEqualTo(RunOutcome.ABORTED);
    assertThat(engine.runs(1).get(0).forced()).isEqualTo(ForcedTrades.after(T0 + 9));

    fixture.sink.attempts.clear();
    engine.run();
    assertThat(fixture.sink.attempts).isEmpty();
  }

  @Test
  void aForceThatDiedBeforeItsFirstBatchBeginsAnew() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    engine.run();
    aForceDied(RunOutcome.RUNNING, null);
    fixture.sink.attempts.clear();
    engine.run();
    assertThat(fixture.sink.attempts.stream().mapToInt(batch -> batch.changes().size()).sum())
        .isEqualTo(90);
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
  }

  @ParameterizedTest
  @EnumSource(
      value = RunOutcome.class,
      names = {"COMPLETED", "CANCELLED", "FAILED"})
  void aForceThatEndedIsNotTakenUp(RunOutcome outcome) {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    engine.run();
    aForceDied(outcome, null);
    fixture.sink.attempts.clear();
    engine.run();
    assertThat(fixture.sink.attempts).isEmpty();
  }

  /** Else closing an engine would last as long as the force. */
  @Test
  void aForceThatIsTakenUpIsCancelledWithTheEngine() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    engine.run();
    aForceDied(RunOutcome.RUNNING, null);
    fixture.sink.hook = batch -> engine.cancel();
    engine.run();
    assertThat(engine.runs(1).get(0).kind()).isEqualTo(RunKind.FORCE);
    assertThat(engine.runs(1).get(0).outcome()).isEqualTo(RunOutcome.CANCELLED);
  }

  @Test
  void whatWasNotProcessedIsInserted() {
    fixture.source.put(trade("a", T0 + 1));
    engine.run();
    fixture.source.put(trade("b", T0 + 2));
    engine.forceFromEpochSecond(T0);
    assertThat(SampleTrades.withoutRevisions(fixture.sink.attempts.get(1).changes()))
        .containsExactly(
            new TradeChange.Replace(new TradeKey(T0 + 1, "a"), trade("a", T0 + 1)),
            new TradeChange.Insert(trade("b", T0 + 2)));
    assertThat(engine.health().isHealthy()).isTrue();
  }

  @Test
  void aForceThatFailsLeavesWhatWasProcessed() {
    fixture.source.putAll(SampleTrades.trades(100, 1));
    engine.run();
    fixture.sink.hook =
        batch -> {
          throw new IOException("connection reset");
        };
    assertResult(
        engine.forceFromEpochSecond(T0 - 1),
        true,
        0,
        100,
        100,
        "Sync completed with errors: 0/100 trades processed");
    fixture.sink.hook = batch -> {};
    fixture.assertEqualSides();
  }

  @Test
  void whatArrivesAfterTheStartIsLeftToTheNextRun() {
    fixture.source.putAll(SampleTrades.trades(1_500, 1));
    fixture.sink.hook = batch -> fixture.source.put(trade("later", T0 + 1_500));
    assertThat(engine.forceFromEpochSecond(T0 - 1).processed()).isEqualTo(1_500);
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(1, 0, 0, 0));
  }

  @Test
  void theScopeBoundsAForce() {
    SyncEngine narrow =
        fixture.builder().scope(Scope.since(Instant.ofEpochSecond(T0 + 50))).build();
    fixture.source.putAll(SampleTrades.trades(100, 1));
    assertThat(narrow.forceFromEpochSecond(T0).total()).isEqualTo(50);
  }

  @Test
  void batchesOfAForceAreSmallAndChronological() {
    fixture.source.putAll(SampleTrades.trades(2_345, 1));
    engine.run();
    fixture.sink.attempts.clear();
    SyncEngine single = fixture.builder().groupCommit(1).build();
    assertThat(single.forceFromEpochSecond(T0 - 1).processed()).isEqualTo(2_345);
    assertThat(fixture.sink.attempts).hasSize(47);
    assertThat(fixture.sink.attempts.stream().flatMap(b -> EngineFixture.keys(b).stream()))
        .isEqualTo(SampleTrades.keys(fixture.source.trades()));
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, T0 * 1_000, Long.MAX_VALUE, 100_000_000_001L})
  void whatCannotBeSecondsIsRefused(long value) {
    fixture.source.putAll(SampleTrades.trades(3, 1));
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> engine.forceFromEpochSecond(value))
        .withMessage("fromTimestamp must be seconds since 1970, not milliseconds, but is: " + value)
        .satisfies(e -> assertThat(e.name()).isEqualTo("fromTimestamp"));
    assertThat(engine.runs(10)).isEmpty();
  }

  @Test
  void aSinkThatOnlyInsertsIsRefusedBeforeAnythingChanges() {
    fixture.source.putAll(SampleTrades.trades(3, 1));
    SyncEngine inserting = fixture.builder().sink(batch -> {}).build();
    assertThatExceptionOfType(TradesyncException.class)
        .isThrownBy(() -> inserting.forceFromEpochSecond(T0))
        .withMessageContaining("REPLACE");
    fixture.sink.capabilities = Set.of(SinkCapability.INSERT, SinkCapability.RETRACT);
    assertThatExceptionOfType(TradesyncException.class)
        .isThrownBy(() -> fixture.builder().build().forceFromEpochSecond(T0));
    assertThat(engine.runs(10)).isEmpty();
    assertThat(fixture.sink.attempts).isEmpty();
  }

  @Test
  void eachForceHasGreaterRevisionsAndAnotherIdempotencyKey() {
    fixture.source.putAll(SampleTrades.trades(10, 1));
    engine.run();
    engine.forceFromEpochSecond(T0 - 1);
    engine.forceFromEpochSecond(T0 - 1);
    assertThat(fixture.sink.attempts).hasSize(3);
    Set<String> keys = new HashSet<>();
    long greatest = 0;
    for (TradeBatch batch : fixture.sink.attempts) {
      assertThat(batch.service()).isEqualTo("analytics");
      assertThat(batch.idempotencyKey()).matches("[0-9a-f]{64}");
      keys.add(batch.idempotencyKey());
      long before = greatest;
      assertThat(batch.changes()).allMatch(change -> change.revision() > before);
      greatest = batch.changes().stream().mapToLong(TradeChange::revision).max().orElseThrow();
    }
    assertThat(keys).hasSize(3);
  }

  @Test
  void theIdempotencyKeyTellsServicesAndRevisionsApart() {
    Set<String> keys = new HashSet<>();
    for (String service : new String[] {"analytics", "billing"}) {
      EngineFixture other = new EngineFixture();
      SyncEngine ofService = other.builder().log(new InMemorySyncLog(service, other.clock)).build();
      for (String quantity : new String[] {"1", "2", "1"}) {
        other.source.put(trade("a", T0, quantity));
        ofService.run();
      }
      other.sink.attempts.forEach(batch -> keys.add(batch.idempotencyKey()));
    }
    assertThat(keys).hasSize(6);
  }
}
