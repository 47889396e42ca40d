package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.TradeKey;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One trade in a batch that a rule of the store's refuses. */
class BadTradeTest {

  private static final int EXTRA = (int) (2 * Math.log(50) / Math.log(2) + 1);

  @ParameterizedTest
  @ValueSource(ints = {0, 24, 49})
  void itIsFoundInFewTransactionsAndTheRuleIsNamed(int place) throws Exception {
    try (SourceAndStore sides = SourceAndStore.create();
        SyncEngine engine = sides.engine().parallelism(1).build()) {
      sides.addTrades(50);
      sides.assertConsistent();
      long before = transactions(sides);
      engine.run();
      long undisturbed = transactions(sides) - before;
      sides.assertEqual();

      sides.store().update("TRUNCATE sync_log, analytics_trades, trade_candles");
      String bad =
          sides
              .source()
              .texts(
                  "SELECT id FROM order_book_trades"
                      + " ORDER BY \"timestamp\", id COLLATE \"C\" LIMIT 1 OFFSET ?",
                  place)
              .get(0);
      sides
          .store()
          .update(
              "ALTER TABLE analytics_trades ADD CONSTRAINT not_this_one CHECK (trade_id <> '"
                  + bad
                  + "')");
      before = transactions(sides);
      SyncResult result = engine.run();
      long extra = transactions(sides) - before - undisturbed;

      assertThat(result.processed()).isEqualTo(49);
      assertThat(extra).isBetween(1L, (long) EXTRA);
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .singleElement()
          .satisfies(
              failed -> {
                assertThat(failed.key().id()).isEqualTo(bad);
                assertThat(failed.reason())
                    .contains("violates check constraint \"not_this_one\"")
                    .doesNotContain(bad);
              });
      sides.assertConsistent();
      sides.store().update("ALTER TABLE analytics_trades DROP CONSTRAINT not_this_one");
      assertThat(engine.run().processed()).isEqualTo(1);
      sides.assertEqual();
      sides.assertRunHistory();
    }
  }

  /** How many transactions that wrote something the server has seen; asking is one of them. */
  private static long transactions(SourceAndStore sides) {
    return sides.store().number("SELECT pg_current_xact_id()::text::bigint");
  }
}
