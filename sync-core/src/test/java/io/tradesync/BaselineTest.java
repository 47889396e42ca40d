package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncHealth.StoreState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a scope leaves out is no gap and is left as it is. */
class BaselineTest {

  private final EngineFixture fixture = new EngineFixture();

  @BeforeEach
  void trades() {
    fixture.source.put(
        trade("old", T0 - 7_200), trade("edge", T0 - 1), trade("a", T0), trade("b", T0 + 60));
  }

  private SyncEngine engine(Scope scope) {
    return fixture.builder().scope(scope).build();
  }

  private void assertHeld(String... ids) {
    assertThat(fixture.sink.held.trades()).extracting(Trade::id).containsExactly(ids);
  }

  @Test
  void tradesBeforeTheBaselineAreNoGap() {
    SyncEngine engine = engine(Scope.since(Instant.ofEpochSecond(T0, 500_000_000)));
    SyncHealth before = engine.health();
    assertThat(before.gaps()).isEqualTo(new GapCounts(2, 0, 0, 0));
    assertThat(before.lagMinutes()).isEqualTo(1);
    assertThat(engine.run().total()).isEqualTo(2);
    assertHeld("a", "b");
    assertThat(engine.health())
        .usingRecursiveComparison()
        .ignoringFields("verified")
        .isEqualTo(
            new SyncHealth(
                0,
                T0 + 60,
                T0 + 60,
                Recommendation.HEALTHY,
                GapCounts.NONE,
                null,
                null,
                StoreState.NONE));
  }

  @Test
  void whatFellOutOfTheScopeIsNeitherOrphanedNorTouched() {
    engine(Scope.all()).run();
    fixture.source.remove("old");
    SyncEngine engine = engine(Scope.since(Instant.ofEpochSecond(T0)));
    assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    assertThat(engine.run().total()).isZero();
    assertHeld("old", "edge", "a", "b");
  }

  @Test
  void timestampsInHealthAreThoseOfTheScope() {
    engine(Scope.all()).run();
    SyncHealth health = engine(Scope.since(Instant.ofEpochSecond(T0 + 61))).health();
    EngineFixture.assertEmpty(health);
  }

  @Test
  void aBaselineCanBeMoved() {
    assertThat(engine(Scope.since(Instant.ofEpochSecond(T0))).run().total()).isEqualTo(2);
    assertThat(engine(Scope.since(Instant.ofEpochSecond(T0 - 1))).run().total()).isEqualTo(1);
    assertThat(engine(Scope.all()).run().total()).isEqualTo(1);
  }

  @Test
  void anAgeIsCountedFromTheFirstStartAndARestartDoesNotMoveIt() {
    assertThat(engine(Scope.last(Duration.ofSeconds(1))).health().missedTrades()).isEqualTo(3);
    fixture.clock.advance(Duration.ofDays(3));
    SyncEngine restarted = engine(Scope.last(Duration.ofSeconds(1)));
    assertThat(restarted.health().missedTrades()).isEqualTo(3);
    assertThat(restarted.run().total()).isEqualTo(3);
    assertHeld("edge", "a", "b");
    assertThat(fixture.log.scope().keepBaseline(T0)).isEqualTo(T0 - 1);
  }

  @Test
  void zeroBeginsAtTheFirstStart() {
    SyncEngine engine = engine(Scope.last(Duration.ZERO));
    // Nothing was asked of the engine yet; still this is after its start.
    fixture.clock.advance(Duration.ofMinutes(1));
    assertThat(engine.ingest(List.of(trade("live", T0 + 1))).written()).hasSize(1);
    assertThat(engine.health().missedTrades()).isEqualTo(2);
  }

  @Test
  void theBaselineIsAskedForOnce() {
    BreakableLog log = new BreakableLog(fixture.log);
    SyncEngine engine =
        fixture.builder().log(log).scope(Scope.since(Instant.ofEpochSecond(T0))).build();
    engine.health();
    log.before =
        call -> {
          if (call.equals("setBaseline")) {
            throw BreakableLog.unreachable();
          }
        };
    assertThat(engine.run().total()).isEqualTo(2);
  }
}
