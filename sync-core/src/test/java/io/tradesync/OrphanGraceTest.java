package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What leaves the source has all its grace each time that it does. */
class OrphanGraceTest {

  private static final Duration GRACE = Duration.ofSeconds(60);

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().orphanGrace(GRACE).build();

  @Test
  void whatIsRetractedHasStayedAwayForTheGrace() {
    fixture.source.put(trade("a", T0), trade("b", T0 + 1));
    engine.run();
    fixture.source.remove("a");
    engine.run();
    fixture.clock.advance(GRACE.minusSeconds(1));
    assertThat(engine.run().total()).isZero();
    fixture.clock.advance(Duration.ofSeconds(1));
    assertThat(engine.run().total()).isEqualTo(1);
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
  }

  /** Found by a random history: what was back had been seen in a bucket without a gap. */
  @Test
  void whatCameBackNearAnotherOrphanHasItsGraceAnew() {
    Trade returning = trade("a", T0);
    fixture.source.put(returning, trade("b", T0 + 110), trade("c", T0 + 1_000));
    engine.run();
    fixture.source.remove("a");
    fixture.source.remove("b");
    engine.run();
    fixture.source.put(returning);
    engine.run();
    fixture.clock.advance(GRACE);
    fixture.source.remove("a");

    assertThat(engine.run().total()).isEqualTo(1);

    assertThat(fixture.sink.held.trades()).extracting(Trade::id).containsExactly("a", "c");
    fixture.clock.advance(GRACE);
    engine.run();
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades());
  }

  /** Found by a random history: the failure at the new key has no grace, and ended that of both. */
  @Test
  void whatFailedAtItsNewKeyAndVanishedKeepsItsGraceAtTheOldOne() {
    Trade first = trade("a", T0);
    fixture.source.put(first, trade("b", T0), trade("c", T0));
    engine.run();
    fixture.source.remove("a");
    fixture.source.put(trade("a", T0 + 1));
    fixture.sink.hook =
        batch -> {
          throw new IllegalArgumentException("refused");
        };
    assertThat(engine.run().errors()).isEqualTo(1);
    fixture.sink.hook = batch -> {};
    fixture.source.remove("a");

    engine.run();

    assertThat(fixture.sink.held.trades()).contains(first);
    fixture.source.put(first);
    assertThat(engine.run().total()).isZero();
    assertThat(engine.health().isHealthy()).isTrue();
    fixture.source.remove("a");
    engine.run();
    fixture.clock.advance(GRACE);
    engine.run();
    assertThat(fixture.sink.held.trades()).isEqualTo(fixture.source.trades()).hasSize(2);
  }

  @Test
  void whatOneLaneOfSeveralFindsIsRetractedInTheEnd() {
    fixture.source.putAll(SampleTrades.trades(120_000, 3));
    SyncEngine wide = fixture.builder().orphanGrace(GRACE).batchSize(10_000).parallelism(4).build();
    assertThat(wide.run().processed()).isEqualTo(120_000);
    fixture.source.remove("t0119000");
    RunOptions all = RunOptions.DEFAULT.compareAll(true);
    assertThat(wide.run(all).total()).isZero();
    fixture.clock.advance(GRACE);

    assertThat(wide.run(all).total()).isEqualTo(1);

    assertThat(wide.health().gaps()).isEqualTo(GapCounts.NONE);
  }
}
