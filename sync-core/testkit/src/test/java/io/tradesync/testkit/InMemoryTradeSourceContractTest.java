package io.tradesync.testkit;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.UnreadableRow;
import java.util.Collection;

class InMemoryTradeSourceContractTest extends CompleteTradeSourceContract {

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

  @Override
  protected void putUnreadable(TradeKey key, int wrong) {
    source.putUnreadable(new UnreadableRow(key, "price", "NaN", "is not a finite number", wrong));
  }
}
