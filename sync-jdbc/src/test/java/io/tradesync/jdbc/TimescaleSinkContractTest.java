package io.tradesync.jdbc;

import io.tradesync.Trade;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.testkit.AnalyticsSinkContract;
import java.util.Collection;
import org.junit.jupiter.api.AfterEach;

/** The sink as the contract wants it, and after each test its candles. */
class TimescaleSinkContractTest extends AnalyticsSinkContract {

  private final StoreFixture store = newStore();

  StoreFixture newStore() {
    return new StoreFixture();
  }

  @Override
  protected AnalyticsSink emptySink() {
    return store.sink;
  }

  @Override
  protected SyncLog emptyLog() {
    return store.log;
  }

  @Override
  protected Collection<Trade> held() {
    return store.trades();
  }

  @AfterEach
  void candlesFollowTheirTrades() {
    store.assertCandlesEqualTheirTrades();
    store.close();
  }
}
