package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.GapCounts;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.log.SyncLog;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MinimalSyncLogContractTest extends SyncLogContract {

  @Override
  protected SyncLog emptyLog() {
    return new MinimalSyncLog();
  }

  @Test
  void anEngineClosesGapsWithAMinimalLog() {
    Trade trade = LogContract.trade("a", T, 1);
    List<Trade> written = new ArrayList<>();
    SyncEngine engine =
        SyncEngine.builder()
            .source(new InMemoryTradeSource().put(trade))
            .log(emptyLog())
            .sink(batch -> batch.changes().forEach(change -> written.add(trade)))
            .build();

    assertThat(engine.run().processed()).isEqualTo(1);

    assertThat(written).containsExactly(trade);
    assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    engine.close();
  }
}
