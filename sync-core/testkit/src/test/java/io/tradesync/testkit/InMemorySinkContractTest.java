package io.tradesync.testkit;

import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.log.SyncLog;
import java.util.Collection;

class InMemorySinkContractTest extends AnalyticsSinkContract {

  private final InMemorySink sink = new InMemorySink();

  @Override
  protected AnalyticsSink emptySink() {
    return sink;
  }

  @Override
  protected SyncLog emptyLog() {
    return new InMemorySyncLog();
  }

  @Override
  protected Collection<Trade> held() {
    return sink.trades();
  }
}
