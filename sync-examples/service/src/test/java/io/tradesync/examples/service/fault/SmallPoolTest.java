package io.tradesync.examples.service.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pool of the store's with fewer connections than a run with four workers would use. */
class SmallPoolTest {

  // Longer in all than the pool lets anybody wait.
  private static final String SLOW_BATCHES =
      """
      CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_sleep(0.4);
        RETURN NULL;
      END $$;
      CREATE TRIGGER slow BEFORE INSERT ON analytics_trades EXECUTE FUNCTION slow()""";

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aRunUsesFewerLanesAndIsNeverStuck(int connections) throws Exception {
    try (SourceAndStore sides = SourceAndStore.create();
        SyncEngine engine = sides.engineWithPoolOf(connections).build()) {
      sides.addTrades(400);
      sides.store().update(SLOW_BATCHES);

      SyncResult result = engine.run();

      assertThat(result.success()).as(result.message()).isTrue();
      assertThat(result.processed()).isEqualTo(400);
      sides.assertEqual();
      sides.assertRunHistory();
    }
  }
}
