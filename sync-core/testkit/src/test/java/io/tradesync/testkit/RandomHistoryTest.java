package io.tradesync.testkit;

import io.tradesync.Trade;
import io.tradesync.TradeSelection;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTransaction;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;

/**
 * Random histories in memory: see {@link RandomHistory} for what has to hold, and when.
 *
 * <p>The seed is fixed, so that a build says the same each time; the long test plays others.
 */
class RandomHistoryTest {

  @Property(tries = 1_000, seed = "20261124", shrinking = ShrinkingMode.OFF)
  void whateverHappensComparisonsAreExactAndBothSidesBecomeEqual(@ForAll long seed) {
    new RandomHistory<>(seed, new InMemorySides()).play();
  }

  @Tag("long")
  @Property(tries = 20_000, shrinking = ShrinkingMode.OFF)
  void whateverElseHappensToo(@ForAll long seed) {
    new RandomHistory<>(seed, new InMemorySides()).play();
  }

  @Property(tries = 100, seed = "20261126", shrinking = ShrinkingMode.OFF)
  void whatIsOutOfScopeNeverEnters(@ForAll long seed) {
    TradeSelection pool = TradeSelection.ALL.withPools("pool0", "other");
    new RandomHistory<>(seed, new InMemorySides(), pool).play();
  }

  static class InMemorySides extends SidesInMemory<InMemoryTransaction> {

    private final InMemorySink sink;

    InMemorySides() {
      this(new SettableClock(), new InMemorySink());
    }

    private InMemorySides(SettableClock clock, InMemorySink sink) {
      super(clock, new InMemorySyncLog("analytics", clock), sink);
      this.sink = sink;
    }

    @Override
    public List<Trade> held() {
      return sink.trades();
    }
  }
}
