package io.tradesync.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.GapCounts;
import io.tradesync.InvalidSettingException;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.LogTransaction;
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
  void anEngineClosesGapsWithAMinimalLogAndASinkInItsTransaction() {
    Trade trade = LogContract.trade("a", T, 1);
    List<Trade> written = new ArrayList<>();
    SyncEngine engine = engine(trade, new Collecting(written));

    assertThat(engine.run().processed()).isEqualTo(1);

    assertThat(written).containsExactly(trade);
    assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    engine.close();
  }

  @Test
  void aSinkOutsideTheTransactionOfALogWithoutHandOutsIsRefused() {
    assertThatThrownBy(() -> engine(LogContract.trade("a", T, 1), batch -> {}))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("sink")
        .hasMessageContaining(MinimalSyncLog.class.getName())
        .hasMessageContaining("TransactionalSink");
  }

  private SyncEngine engine(Trade trade, AnalyticsSink sink) {
    return SyncEngine.builder()
        .source(new InMemoryTradeSource().put(trade))
        .log(emptyLog())
        .sink(sink)
        .build();
  }

  private record Collecting(List<Trade> written) implements TransactionalSink<LogTransaction> {
    @Override
    public Class<LogTransaction> transactionType() {
      return LogTransaction.class;
    }

    @Override
    public void write(TradeBatch batch, LogTransaction transaction) {
      batch.changes().forEach(change -> change.after().ifPresent(written::add));
    }
  }
}
