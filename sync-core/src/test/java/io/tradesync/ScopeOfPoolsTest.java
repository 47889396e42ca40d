package io.tradesync;

import static io.tradesync.SampleTrades.T0;
import static io.tradesync.SampleTrades.tradeOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Engines whose scope has some chains and pools only. */
class ScopeOfPoolsTest {

  private static final Scope A = Scope.all().pools("a");

  private final EngineFixture fixture = new EngineFixture();

  private SyncEngine engine(Scope scope) {
    return fixture.builder().scope(scope).orphanGrace(Duration.ZERO).build();
  }

  private void putTrades() {
    for (int second = 0; second < 5; second++) {
      fixture.source.put(
          tradeOf(1, "a", "a1-" + second, T0 + second),
          tradeOf(10, "a", "a10-" + second, T0 + second),
          tradeOf(1, "b", "b1-" + second, T0 + second),
          tradeOf(10, "b", "b10-" + second, T0 + second + 1));
    }
  }

  private void assertHeld(Scope scope) {
    assertThat(fixture.sink.held.trades())
        .isEqualTo(fixture.source.trades().stream().filter(scope.selection()::contains).toList());
    SyncEngine looking = engine(scope);
    assertThat(looking.health().gaps()).isEqualTo(GapCounts.NONE);
    assertThat(looking.audit().gaps()).isEqualTo(GapCounts.NONE);
  }

  @Test
  void onlyTradesOfTheChainsAndPoolsAreGaps() {
    putTrades();
    SyncEngine engine = engine(A);
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(10, 0, 0, 0));
    assertThat(engine.health().lastSourceEpochSecond()).isEqualTo(T0 + 4);
    assertThat(engine.run().processed()).isEqualTo(10);
    assertThat(engine.plan().writes()).isZero();
    assertHeld(A);
  }

  @Test
  void chainsPoolsAndABaselineTogether() {
    putTrades();
    Scope scope = Scope.since(Instant.ofEpochSecond(T0 + 3)).chains(10).pools("b", "c");
    assertThat(engine(scope).run().processed()).isEqualTo(3);
    assertThat(fixture.sink.held.trades())
        .extracting(Trade::id)
        .containsExactly("b10-2", "b10-3", "b10-4");
  }

  @Test
  void aScopeGivesItsPartsBack() {
    Scope times = Scope.last(Duration.ofDays(1));
    Scope scope = times.chains(1).pools("a");
    assertThat(scope.times()).isEqualTo(times);
    assertThat(scope.selection()).isEqualTo(TradeSelection.ALL.withChains(1).withPools("a"));
    assertThat(scope.chains().pools()).isEqualTo(times);
  }

  @Test
  void aTradeOfAnotherPoolIsAnsweredAsOutOfScope() {
    SyncEngine engine = engine(A);
    Trade in = tradeOf(1, "a", "in", T0);
    Trade out = tradeOf(1, "b", "out", T0);
    fixture.source.put(in, out);

    IngestResult result = engine.ingest(List.of(in, out));

    assertThat(result.written()).containsExactly(in.key());
    assertThat(result.outOfScope()).containsExactly(out.key());
    assertHeld(A);
  }

  @Test
  void aHintOfATradeOfAnotherPoolIsSettled() {
    putTrades();
    SyncEngine engine = engine(A);
    List<Hint> settled =
        List.of(
            new Hint(T0, "0xtx-a1-0"), new Hint(T0 + 3, "0xtx-b1-3"), new Hint(null, "0xtx-b10-4"));
    Hint unknown = new Hint(T0, "0xtx-unknown");
    assertThat(engine.catchUp(settled).unanswered()).isEmpty();
    assertThat(engine.catchUp(List.of(unknown)).unanswered()).containsExactly(unknown);
    assertHeld(A);
  }

  /** Its trade in scope would not be written, and nobody would look for it again. */
  @Test
  void aHintWhoseTradeBecomesVisibleMeanwhileStaysOpen() {
    Trade late = tradeOf(1, "a", "late", T0);
    AtomicInteger pages = new AtomicInteger();
    // The second page is the one of all pools.
    TradeSource source =
        new TradeSource() {
          @Override
          public SourcePage<Trade> page(KeyRange range, int limit) {
            if (pages.incrementAndGet() == 2) {
              fixture.source.put(late);
            }
            return fixture.source.page(range, limit);
          }

          @Override
          public SourcePage<Trade> byIds(Collection<String> ids) {
            return fixture.source.byIds(ids);
          }
        };
    SyncEngine engine = fixture.builder().source(source).scope(A).build();
    Hint hint = new Hint(T0, "0xtx-late");
    pages.set(0);

    assertThat(engine.catchUp(List.of(hint)).unanswered()).containsExactly(hint);
    assertThat(engine.catchUp(List.of(hint)).unanswered()).isEmpty();
    assertHeld(A);
  }

  @Test
  void aTradeWhosePoolLeavesTheScopeIsRetractedAndOneThatEntersItIsMissing() {
    putTrades();
    SyncEngine engine = fixture.builder().scope(A).orphanGrace(Duration.ofMinutes(1)).build();
    engine.run();
    fixture.source.put(tradeOf(1, "b", "a1-2", T0 + 2), tradeOf(1, "a", "b1-2", T0 + 2));
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(1, 0, 0, 1));
    assertThat(engine.run().processed()).isEqualTo(1);
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 0, 1));
    fixture.clock.advance(Duration.ofMinutes(1));
    assertThat(engine.run().processed()).isEqualTo(1);
    assertHeld(A);
  }

  @Test
  void aForceNamesPoolsInScopeOnly() {
    putTrades();
    SyncEngine engine = engine(Scope.all().chains(1).pools("a", "b"));
    engine.run();
    RunOptions force = RunOptions.forceFromEpochSecond(T0);
    assertThat(engine.run(force.only(TradeSelection.ALL.withPools("b"))).processed()).isEqualTo(4);
    assertThat(engine.run(force).processed()).isEqualTo(8);
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> engine.run(force.only(TradeSelection.ALL.withChains(1, 10))))
        .withMessage("chains must be in scope, which has the chains [1], but is: [1, 10]");
    assertThat(engine.runs(10)).hasSize(3);
  }

  @Test
  void aScopeMayGrow() {
    putTrades();
    engine(A).run();
    for (Scope next : List.of(Scope.all().pools("a", "b"), Scope.all())) {
      SyncEngine grown = engine(next);
      SyncResult ignored = grown.run();
      assertHeld(next);
    }
  }

  /** Above compareAllUpTo, too: the trades of the new pool are older than what is verified. */
  @Test
  void aScopeThatGrowsIsComparedFromScratch() {
    putTrades();
    fixture.clock.advance(Duration.ofDays(1));
    SyncEngine small = fixture.builder().scope(A).compareAllUpTo(0).build();
    small.run();
    assertThat(small.health().verified()).isNotNull();
    SyncEngine grown = fixture.builder().scope(Scope.all()).compareAllUpTo(0).build();
    assertThat(grown.health().gaps()).isEqualTo(new GapCounts(10, 0, 0, 0));
    assertThat(grown.run().processed()).isEqualTo(10);
    assertHeld(Scope.all());
  }

  @Test
  void aScopeThatLosesPoolsIsRefused() {
    putTrades();
    engine(Scope.all().pools("a", "b")).run();
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> engine(A))
        .withMessage(
            "pools must contain [b], since the log has entries of them, which would look orphaned;"
                + " take another service name for a smaller scope, but is: [a]");
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> engine(Scope.all().chains(1).pools("a", "b")))
        .withMessageStartingWith("chains must contain all chains, since");
    assertHeld(Scope.all().pools("a", "b"));
  }

  /** Otherwise it would take the trades of the new pool for orphans, and retract them. */
  @Test
  void anEngineWhoseLogHasMorePoolsNowRunsNoMore() {
    putTrades();
    SyncEngine before = engine(A);
    before.run();
    SyncEngine grown = engine(Scope.all());
    grown.run();

    SyncResult result = before.run();

    assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
    assertThat(result.message()).contains("pools must contain all pools");
    assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(before::audit);
    assertHeld(Scope.all());
  }

  @Test
  void aRunThatIsUnderWayWhenTheScopeGrowsCommitsNothingMore() {
    putTrades();
    SyncEngine before = fixture.builder().scope(A).batchSize(2).groupCommit(1).build();
    // Before the log has an entry any scope may be recorded.
    Trade first = tradeOf(1, "a", "a0", T0 - 9);
    fixture.source.put(first);
    assertThat(before.ingest(List.of(first)).written()).hasSize(1);
    AtomicBoolean grown = new AtomicBoolean();
    fixture.sink.hook =
        batch -> {
          if (!grown.getAndSet(true)) {
            SyncEngine ignored = engine(Scope.all());
          }
        };

    SyncResult result = before.run();

    assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
    assertThat(result.message()).contains("lease");
    fixture.sink.hook = batch -> {};
    assertThat(engine(Scope.all()).run().success()).isTrue();
    assertHeld(Scope.all());
  }
}
