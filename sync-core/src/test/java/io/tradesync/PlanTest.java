package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a run would do, without doing it. */
class PlanTest {

  private final EngineFixture fixture = new EngineFixture();

  @Test
  void aPlanCountsWhatARunThenWritesAndChangesNothing() {
    List<Trade> trades = SampleTrades.trades(130, 1);
    fixture.source.putAll(trades.subList(0, 60));
    SyncEngine engine = fixture.builder().build();
    assertThat(engine.run().success()).isTrue();
    fixture.source.putAll(trades.subList(60, 130));
    fixture.source.remove(trades.get(3).id());
    long writes = fixture.sink.held.writes();

    SyncPlan plan = engine.plan();

    assertThat(plan.gaps()).isEqualTo(new GapCounts(70, 0, 0, 1));
    assertThat(plan.writes()).isEqualTo(70);
    assertThat(plan.batches()).isEqualTo(2);
    assertThat(plan.complete()).isTrue();
    assertThat(plan.ranges()).extracting(GapRange::kind).contains(GapKind.MISSING);
    assertThat(fixture.sink.held.writes()).isEqualTo(writes);
    assertThat(engine.runs(10)).hasSize(1);
    assertThat(engine.plan()).isEqualTo(plan);
    assertThat(engine.run().total()).isEqualTo(70);
    assertThat(engine.plan().writes()).isZero();
    assertThat(engine.plan().batches()).isZero();
  }

  @Test
  void aForceIsPlannedAsItThenWrites() {
    List<Trade> trades = SampleTrades.trades(130, 1);
    fixture.source.putAll(trades);
    SyncEngine engine = fixture.builder().build();
    assertThat(engine.run().success()).isTrue();
    fixture.source.remove(trades.get(129).id());
    long first = trades.get(0).epochSecond();
    Trade other = Trade.builder("other", first + 1, 7, "pool of another chain").build();
    fixture.source.put(other);

    List<RunOptions> forces =
        List.of(
            RunOptions.forceFromEpochSecond(0),
            RunOptions.forceFromEpochSecond(first).toEpochSecond(first + 120),
            RunOptions.forceFromEpochSecond(0).only(TradeSelection.ALL.withChains(7)),
            RunOptions.forceFromEpochSecond(0).only(TradeSelection.ALL.withPools("none")));
    List<Long> planned = forces.stream().map(force -> engine.plan(force).writes()).toList();

    assertThat(engine.plan(forces.get(0)).gaps()).isEqualTo(new GapCounts(1, 0, 0, 1));
    assertThat(engine.plan(forces.get(1)).gaps()).isEqualTo(new GapCounts(1, 0, 0, 0));
    assertThat(engine.plan(forces.get(3)).gaps()).isEqualTo(engine.plan(forces.get(0)).gaps());
    assertThat(engine.runs(10)).hasSize(1);
    assertThat(planned.get(0)).isEqualTo(130);
    assertThat(planned.get(2)).isEqualTo(1);
    assertThat(forces.stream().map(force -> (long) engine.run(force).total()).toList())
        .isEqualTo(planned);
  }

  @Test
  void aPlanOfWhatIsNotInScopeIsRefused() {
    SyncEngine engine =
        fixture.builder().scope(Scope.all().only(TradeSelection.ALL.withChains(1))).build();

    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(
            () ->
                engine.plan(
                    RunOptions.forceFromEpochSecond(0).only(TradeSelection.ALL.withChains(2))))
        .withMessageContaining("chains");
  }

  @Test
  void aClosedEnginePlansAndProbesNothing() {
    SyncEngine engine = fixture.builder().build();
    engine.probe();
    engine.close();

    assertThatExceptionOfType(IllegalStateException.class).isThrownBy(engine::plan);
    assertThatExceptionOfType(IllegalStateException.class).isThrownBy(engine::probe);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> engine.cancelRun("any"));
  }
}
