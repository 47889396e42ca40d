package io.tradesync.examples.howto;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import io.tradesync.testkit.EmbeddedDatabase;
import io.tradesync.testkit.FaultInjectingSink;
import java.io.IOException;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a service tests what it does with tradesync: on real servers, with faults of its choice. */
class ServiceTestExampleTest {

  private static final Trade TRADE = Trade.builder("a", 1_754_400_000L, 1, "pool").build();

  @Test
  void aGapIsClosedAfterTheSinkFailed() {
    FaultInjectingSink<Connection> sink = new FaultInjectingSink<>(TimescaleSink.builder().build());
    try (EmbeddedDatabase ponder = EmbeddedDatabase.createPonder();
        EmbeddedDatabase analytics = EmbeddedDatabase.create();
        SyncEngine engine =
            SyncEngine.builder()
                .source(PonderTradeSource.builder(ponder.dataSource()).build())
                .log(PostgresSyncLog.builder(analytics.dataSource()).build())
                .sink(sink)
                .maxAttempts(1)
                .build()) {
      ponder.put(List.of(TRADE));

      sink.failingBefore(
          batch -> {
            throw new IOException("no route");
          });
      assertThat(engine.run().errors()).isEqualTo(1);
      sink.failingBefore(FaultInjectingSink.Fault.NONE);
      assertThat(engine.run().message()).isEqualTo("Sync completed: 1/1 trades processed");
      assertThat(engine.health().isHealthy()).isTrue();
    }
  }
}
