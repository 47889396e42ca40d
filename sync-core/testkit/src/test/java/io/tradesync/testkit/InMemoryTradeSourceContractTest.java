package io.tradesync.testkit;

import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.TradeSource;
import java.util.Collection;

class InMemoryTradeSourceContractTest extends TradeSourceContract {

  private final InMemoryTradeSource source = new InMemoryTradeSource();

  @Override
  protected TradeSource emptySource() {
    return source;
  }

  @Override
  protected void put(Collection<Trade> trades) {
    source.putAll(trades);
  }

  @Override
  protected void remove(String id) {
    source.remove(id);
  }
}
