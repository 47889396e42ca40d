package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.trade;
import static io.tradesync.SampleTrades.tradeOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.log.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A force with an upper end, or of some chains and pools. */
class ForceOfSomeTradesTest {

  private static final RunOptions ALL = RunOptions.forceFromEpochSecond(T0);

  private final EngineFixture fixture = new EngineFixture();
  private final SyncEngine engine = fixture.builder().orphanGrace(Duration.ZERO).build();

  private static RunOptions ofPools(String... pools) {
    return ALL.only(TradeSelection.ALL.withPools(pools));
  }

  /** Two chains with the same two pools: an id says the pool, the chain and the second. */
  private void putTrades() {
    for (int second = 1; second <= 5; second++) {
      fixture.source.put(
          tradeOf(1, "a", "a1-" + second, T0 + second),
          tradeOf(10, "a", "a10-" + second, T0 + second),
          tradeOf(1, "b", "b1-" + second, T0 + second),
          tradeOf(10, "b", "b10-" + second, T0 + second));
    }
  }

  private List<String> forced(RunOptions options) {
    fixture.sink.attempts.clear();
    SyncResult result = engine.run(options);
    assertThat(result.success()).isTrue();
    List<String> ids =
        fixture.sink.attempts.stream()
            .flatMap(batch -> EngineFixture.keys(batch).stream())
            .map(TradeKey::id)
            .toList();
    assertThat(result.processed()).isEqualTo(result.total()).isEqualTo(ids.size());
    return ids;
  }

  @Test
  void theUpperEndIsForcedToo() {
    fixture.source.putAll(SampleTrades.trades(10, 1));
    engine.run();
    assertThat(forced(ALL.toEpochSecond(T0 + 3)))
        .containsExactly("t0000001", "t0000002", "t0000003");
    assertThat(forced(ALL.to(Instant.ofEpochSecond(T0 + 1, 999)))).containsExactly("t0000001");
    assertThat(forced(ALL.toEpochSecond(T0 + 1_000))).hasSize(9);
    assertThat(forced(RunOptions.forceFromEpochSecond(T0 + 20).toEpochSecond(T0 + 30))).isEmpty();
    fixture.assertSameTrades();
  }

  @Test
  void onlyTheTradesOfTheChainsAndPoolsAreForced() {
    putTrades();
    engine.run();
    assertThat(forced(ofPools("a"))).hasSize(10).allMatch(id -> id.startsWith("a"));
    assertThat(forced(ofPools("a", "c"))).hasSize(10).allMatch(id -> id.startsWith("a"));
    assertThat(forced(ofPools("c", "A"))).isEmpty();
    assertThat(forced(ALL.only(TradeSelection.ALL.withChains(10))))
        .hasSize(10)
        .allMatch(id -> id.contains("10-"));
    assertThat(
            forced(
                ALL.toEpochSecond(T0 + 2).only(TradeSelection.ALL.withChains(10).withPools("b"))))
        .containsExactly("b10-1", "b10-2");
    assertThat(forced(ALL.only(TradeSelection.ALL))).hasSize(20);
    fixture.assertSameTrades();
  }

  /**
   * The log does not hold the pool of an entry, so every trade of another pool seems to be gone.
   */
  @Test
  void aForceOfSomePoolsRetractsNothing() {
    putTrades();
    engine.run();
    List.of("a1-2", "b1-2").forEach(fixture.source::remove);

    assertThat(forced(ofPools("a"))).hasSize(9);
    assertThat(fixture.sink.held.trades()).hasSize(20);
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 0, 2));

    engine.run();
    fixture.assertSameTrades();
  }

  /** The time since which a trade is gone counts from when a run saw it first. */
  @Test
  void aForceOfSomePoolsLeavesTheGracePeriodOfOrphansAlone() {
    SyncEngine graceful = fixture.builder().orphanGrace(Duration.ofMinutes(1)).build();
    putTrades();
    graceful.run();
    List.of("a1-2", "b1-2").forEach(fixture.source::remove);
    graceful.run();
    fixture.clock.advance(Duration.ofSeconds(59));
    assertThat(graceful.run(ofPools("a")).processed()).isEqualTo(9);
    fixture.clock.advance(Duration.ofSeconds(2));

    assertThat(graceful.run().processed()).isEqualTo(2);
    fixture.assertSameTrades();
  }

  @Test
  void aForceWithAnUpperEndRetractsTheOrphansBelowIt() {
    fixture.source.putAll(SampleTrades.trades(10, 1));
    engine.run();
    List.of("t0000002", "t0000003", "t0000004").forEach(fixture.source::remove);

    assertThat(forced(ALL.toEpochSecond(T0 + 3)))
        .containsExactly("t0000001", "t0000002", "t0000003");
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 0, 1));
  }

  @Test
  void aTradeThatChangedItsPoolIsForcedWithItsNewPool() {
    putTrades();
    engine.run();
    fixture.source.put(tradeOf(1, "b", "a1-2", T0 + 2));

    assertThat(forced(ofPools("a"))).hasSize(9).doesNotContain("a1-2");
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 1, 0));
    assertThat(forced(ofPools("b"))).hasSize(11).contains("a1-2");
    fixture.assertSameTrades();
  }

  /** Its old key is retracted with the write, as in every transaction that writes a moved trade. */
  @Test
  void aTradeThatMovedIsForcedAtItsNewKey() {
    putTrades();
    engine.run();
    fixture.source.put(tradeOf(1, "a", "a1-2", T0 + 9));
    assertThat(forced(ofPools("a"))).hasSize(10);
    fixture.assertSameTrades();
  }

  @Test
  void aForceThatDiedIsResumedWithItsUpperEndAndItsPools() {
    putTrades();
    engine.run();
    ForcedTrades some =
        new ForcedTrades(T0, T0 + 4, TradeSelection.ALL.withChains(1).withPools("b"));
    fixture.log.runs().begin("died", RunKind.FORCE, "host", some);
    TradeKey through = trade("b1-1", T0 + 1).key();
    fixture.log.runs().update("died", new RunState(RunOutcome.RUNNING, 1, 0, 4, through, null));
    fixture.sink.attempts.clear();

    engine.run();

    assertThat(fixture.sink.attempts).singleElement().matches(TradeBatch::forced);
    assertThat(EngineFixture.keys(fixture.sink.attempts.get(0)))
        .extracting(TradeKey::id)
        .containsExactly("b1-2", "b1-3", "b1-4");
    assertThat(engine.runs(1).get(0).forced()).isEqualTo(some);
    fixture.sink.attempts.clear();
    engine.run();
    assertThat(fixture.sink.attempts).isEmpty();
  }

  private static void isRefused(ThrowingCallable call, String name, String message) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(call)
        .withMessage(message)
        .satisfies(e -> assertThat(e.name()).isEqualTo(name));
  }

  private static ThrowingCallable made(Supplier<RunOptions> options) {
    return options::get;
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    isRefused(
        made(() -> ALL.toEpochSecond(T0)),
        "toTimestamp",
        "toTimestamp must be after fromTimestamp 1754400000, but is: 1754400000");
    isRefused(
        made(() -> ALL.toEpochSecond(T0 * 1_000)),
        "toTimestamp",
        "toTimestamp must be seconds since 1970, not milliseconds, but is: 1754400000000");
    isRefused(
        made(() -> RunOptions.DEFAULT.toEpochSecond(T0)),
        "toTimestamp",
        "toTimestamp must be left out of a run: a force has it, but is: 1754400000");
    isRefused(
        made(() -> RunOptions.DEFAULT.only(TradeSelection.ALL.withPools("a"))),
        "pools",
        "pools must be left out of a run: a force has it, but is: pools [a]");
    isRefused(
        made(() -> RunOptions.DEFAULT.only(TradeSelection.ALL.withChains(1))),
        "chains",
        "chains must be left out of a run: a force has it, but is: chains [1]");
    isRefused(
        () -> new TradeSelection(Set.of(), Set.of("a", "")),
        "pools",
        "pools must not contain an empty name, but is: [, a]");
    isRefused(
        made(() -> ALL.maxTradesPerSecond(0)),
        "maxTradesPerSecond",
        "maxTradesPerSecond must be at least 1, but is: 0");
    isRefused(
        made(() -> ALL.maxDuration(Duration.ZERO)),
        "maxDuration",
        "maxDuration must be positive, but is: PT0S");
    assertThat(engine.runs(10)).isEmpty();
  }

  @Test
  void optionsAreShownInWords() {
    assertThat(
            ALL.toEpochSecond(T0 + 9)
                .only(TradeSelection.ALL.withChains(1).withPools("b", "a"))
                .maxTradesPerSecond(5)
                .maxDuration(Duration.ofMinutes(1)))
        .hasToString(
            "force after 1754400000 up to 1754400009 of chains [1], pools [a, b],"
                + " at most 5 trades/s, at most PT1M");
    assertThat(RunOptions.DEFAULT).hasToString("run");
  }
}
