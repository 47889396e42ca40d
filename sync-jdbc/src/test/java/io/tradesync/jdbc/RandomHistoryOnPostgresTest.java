package io.tradesync.jdbc;

import io.tradesync.TradeSelection;
import io.tradesync.testkit.RandomHistory;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random histories between two databases, the candles compared with a recomputation after each
 * step; see {@link RandomHistory}. Each build plays others; a failure names its seed.
 */
class RandomHistoryOnPostgresTest {

  private static PostgresSides sides;

  @BeforeAll
  static void create() throws Exception {
    sides = new PostgresSides();
  }

  @AfterAll
  static void drop() {
    sides.close();
  }

  @Test
  void whateverHappensBothDatabasesBecomeEqual() {
    play(new Random().nextLong(), 80);
  }

  @Test
  void whatIsOutOfScopeNeverEnters() {
    play(new Random().nextLong(), 8, TradeSelection.ALL.withPools("pool0", "other"));
  }

  @Test
  @Tag("long")
  void whateverHappensForLong() {
    play(0, 1_000);
  }

  private static void play(long firstSeed, int cases) {
    play(firstSeed, cases, TradeSelection.ALL);
  }

  private static void play(long firstSeed, int cases, TradeSelection selection) {
    for (int i = 0; i < cases; i++) {
      new RandomHistory<>(firstSeed + i, sides.emptied(), selection).play();
    }
  }
}
