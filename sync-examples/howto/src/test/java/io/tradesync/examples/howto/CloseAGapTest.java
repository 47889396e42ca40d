package io.tradesync.examples.howto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.examples.service.embedded.SampleData;
import io.tradesync.examples.service.verify.Candles;
import io.tradesync.examples.service.verify.Sql;
import io.tradesync.jdbc.fixture.PostgresServer;
import org.junit.jupiter.api.Test;

class CloseAGapTest {

  @Test
  void theGapIsClosedAndStaysClosed() {
    try (PostgresServer.Database ponder = PostgresServer.get().newDatabase();
        PostgresServer.Database analytics = PostgresServer.get().newDatabase()) {
      SampleData.createTables(ponder.jdbcUrl());
      SampleData.addTrades(ponder.jdbcUrl());
      Sql source = new Sql(ponder.jdbcUrl());
      Sql store = new Sql(analytics.jdbcUrl());
      try (CloseAGap example = new CloseAGap(ponder.jdbcUrl(), analytics.jdbcUrl())) {

        assertThat(example.syncIfNeeded()).isEqualTo("Sync completed: 12/12 trades processed");
        assertThat(example.syncIfNeeded()).isEqualTo("nothing to do");
        assertThat(store.texts(Candles.STORED)).isEqualTo(source.texts(Candles.RECOMPUTED));

        source.update(
            "INSERT INTO order_book_trades (id, chain_id, pool_id, \"timestamp\")"
                + " VALUES ('late', 31337, 'pool', 1)");
        example.syncEveryMinute();

        await()
            .untilAsserted(
                () ->
                    assertThat(store.number("SELECT count(*) FROM analytics_trades"))
                        .isEqualTo(13));
      }
    }
  }
}
