package io.tradesync;

import static io.tradesync.EngineFixture.assertResult;
import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncHealth.StoreState;
import io.tradesync.spi.TradeChange;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The eight scenarios that the product promises, figure by figure. */
class ScenariosTest {

  private static final Trade A = trade("trade_A", 1_754_400_000L);
  private static final Trade B = trade("trade_B", 1_754_400_060L);
  private static final Trade C = trade("trade_C", 1_754_400_120L);
  private static final Trade D = trade("trade_D", 1_754_400_180L);
  private static final Trade E = trade("trade_E", 1_754_400_240L);

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().build();

  private void live(Trade... trades) {
    fixture.source.put(trades);
    assertThat(engine.ingest(List.of(trades)).written()).hasSize(trades.length);
  }

  @Test
  void scenario1NormalOperation() {
    live(A);
    live(B);
    assertThat(engine.health())
        .usingRecursiveComparison()
        .ignoringFields("verified")
        .isEqualTo(
            new SyncHealth(
                0,
                1_754_400_060L,
                1_754_400_060L,
                Recommendation.HEALTHY,
                GapCounts.NONE,
                null,
                null,
                StoreState.NONE));
    assertThat(engine.health().isHealthy()).isTrue();
    assertThat(engine.health().missedTrades()).isZero();
  }

  @Test
  void scenarios2And3TheServiceIsDownAndTheGapIsSeen() {
    live(A, B);
    fixture.source.put(C, D, E);
    SyncHealth health = engine.health();
    assertThat(health.isHealthy()).isFalse();
    assertThat(health.lagMinutes()).isEqualTo(3);
    assertThat(health.lastSourceEpochSecond()).isEqualTo(1_754_400_240L);
    assertThat(health.lastProcessedEpochSecond()).isEqualTo(1_754_400_060L);
    assertThat(health.recommendation()).isEqualTo(Recommendation.SYNC_RECOMMENDED);
    assertThat(health.missedTrades()).isEqualTo(3);
    assertThat(health.gaps()).isEqualTo(new GapCounts(3, 0, 0, 0));
  }

  @Test
  void scenarios4And5ManualSyncAndVerification() {
    live(A, B);
    fixture.source.put(C, D, E);
    SyncResult result = engine.run();
    assertResult(result, true, 3, 0, 3, "Sync completed: 3/3 trades processed");
    assertThat(result.outcome()).isEqualTo(RunOutcome.COMPLETED);
    assertThat(result.duration()).isPositive();
    assertThat(engine.health())
        .usingRecursiveComparison()
        .ignoringFields("verified")
        .isEqualTo(
            new SyncHealth(
                0,
                1_754_400_240L,
                1_754_400_240L,
                Recommendation.HEALTHY,
                GapCounts.NONE,
                null,
                null,
                StoreState.NONE));
    assertThat(fixture.listener.events)
        .containsExactly(
            "started RUN",
            "planned 3",
            "Batch 1/1: Processed 3/3 trades (100%)",
            "ended COMPLETED");
    fixture.assertEqualSides();
    assertThat(engine.findRun(result.runId()))
        .hasValueSatisfying(
            run -> {
              assertThat(run.kind()).isEqualTo(RunKind.RUN);
              assertThat(run.outcome()).isEqualTo(RunOutcome.COMPLETED);
              assertThat(run.processed()).isEqualTo(3);
              assertThat(run.total()).isEqualTo(3);
              assertThat(run.through()).isEqualTo(E.key());
              assertThat(run.endedAt()).isNotNull();
              assertThat(run.message()).isEqualTo("Sync completed: 3/3 trades processed");
            });
  }

  @Test
  void scenario6ALargeBacklog() {
    live(A);
    // 2,000 trades in the 8 hours after A, the last one exactly 480 minutes after it.
    fixture.source.putAll(
        IntStream.rangeClosed(1, 2_000)
            .mapToObj(i -> SampleTrades.nth(i, T0 + i * 28_800L / 2_000))
            .toList());
    SyncHealth health = engine.health();
    assertThat(health.isHealthy()).isFalse();
    assertThat(health.lagMinutes()).isEqualTo(480);
    assertThat(health.missedTrades()).isEqualTo(2_000);
    assertThat(health.recommendation()).isEqualTo(Recommendation.IMMEDIATE_SYNC_REQUIRED);

    SyncResult result = engine.run();
    assertResult(result, true, 2_000, 0, 2_000, "Sync completed: 2000/2000 trades processed");
    List<String> lines =
        IntStream.rangeClosed(1, 40)
            .mapToObj(
                n -> {
                  String share = n % 2 == 0 ? "" + n * 5 / 2 : n * 5 / 2 + ".5";
                  return "Batch "
                      + n
                      + "/40: Processed "
                      + n * 50
                      + "/2000 trades ("
                      + share
                      + "%)";
                })
            .toList();
    assertThat(lines).startsWith("Batch 1/40: Processed 50/2000 trades (2.5%)");
    assertThat(lines).endsWith("Batch 40/40: Processed 2000/2000 trades (100%)");
    assertThat(fixture.listener.events.subList(2, 42)).isEqualTo(lines);
    fixture.assertEqualSides();
  }

  @Test
  void scenario7APartialFailure() {
    fixture.source.putAll(SampleTrades.trades(200, 10));
    List<Trade> trades = fixture.source.trades();
    TradeKey poison = trades.get(70).key();
    fixture.sink.hook =
        batch -> {
          if (EngineFixture.keys(batch).contains(poison)) {
            throw new SocketTimeoutException("Read timed out");
          }
        };
    assertResult(
        engine.run(), true, 150, 50, 200, "Sync completed with errors: 150/200 trades processed");
    assertThat(fixture.listener.progress).hasSize(4);
    assertThat(fixture.listener.progress.get(1).message())
        .isEqualTo("Batch 2/4: Processed 50/200 trades (25%)");
    assertThat(fixture.listener.progress.get(3).message())
        .isEqualTo("Batch 4/4: Processed 150/200 trades (75%)");

    assertThat(engine.failedTrades(TradeKey.MIN, 1_000))
        .hasSize(50)
        .allSatisfy(
            failed -> {
              assertThat(failed.reason()).isEqualTo("Network timeout");
              assertThat(failed.attempts()).isEqualTo(1);
              assertThat(failed.failedAt()).isEqualTo(fixture.clock.instant());
            })
        .extracting(FailedTrade::key)
        .isEqualTo(SampleTrades.keys(trades.subList(50, 100)));
    assertThat(engine.failedTrades(trades.get(59).key(), 3))
        .extracting(FailedTrade::key)
        .isEqualTo(SampleTrades.keys(trades.subList(60, 63)));

    // The gap is seen although newer trades are processed.
    SyncHealth health = engine.health();
    assertThat(health.gaps()).isEqualTo(new GapCounts(0, 50, 0, 0));
    assertThat(health.missedTrades()).isEqualTo(50);
    assertThat(health.lagMinutes()).isZero();
    assertThat(health.recommendation()).isEqualTo(Recommendation.SYNC_RECOMMENDED);

    fixture.sink.hook = batch -> {};
    assertResult(engine.run(), true, 50, 0, 50, "Sync completed: 50/50 trades processed");
    assertThat(engine.failedTrades(TradeKey.MIN, 1_000)).isEmpty();
    fixture.assertEqualSides();
  }

  @Test
  void scenario8AForceFromATime() {
    fixture.source.put(A, B, C, D, E);
    engine.run();
    assertThat(fixture.sink.held.writes()).isEqualTo(5);
    SyncResult forced = engine.forceFromEpochSecond(1_754_400_000L);
    assertResult(forced, true, 4, 0, 4, "Sync completed: 4/4 trades processed");
    assertThat(fixture.sink.held.writes()).isEqualTo(9);
    assertThat(fixture.sink.attempts.get(1).forced()).isTrue();
    assertThat(SampleTrades.withoutRevisions(fixture.sink.attempts.get(1).changes()))
        .containsExactly(
            new TradeChange.Replace(B.key(), B),
            new TradeChange.Replace(C.key(), C),
            new TradeChange.Replace(D.key(), D),
            new TradeChange.Replace(E.key(), E));
    assertThat(fixture.sink.held.trades()).containsExactly(A, B, C, D, E);
    assertThat(engine.findRun(forced.runId()))
        .hasValueSatisfying(
            run -> {
              assertThat(run.kind()).isEqualTo(RunKind.FORCE);
              assertThat(run.forced()).isEqualTo(ForcedTrades.after(1_754_400_000L));
            });
    assertThat(engine.health().isHealthy()).isTrue();
  }
}
