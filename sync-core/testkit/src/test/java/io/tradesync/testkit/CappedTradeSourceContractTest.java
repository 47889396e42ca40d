package io.tradesync.testkit;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.UnreadableRow;
import java.util.Collection;

/** An API that never answers with more than seven rows, whatever it is asked for. */
class CappedTradeSourceContractTest extends CompleteTradeSourceContract {

  private final InMemoryTradeSource trades = new InMemoryTradeSource();

  @Override
  protected TradeSource emptySource() {
    return new TradeSource() {
      @Override
      public SourcePage<Trade> page(KeyRange range, int limit) {
        return trades.page(range, Math.min(limit, 7));
      }

      @Override
      public SourcePage<Trade> byIds(Collection<String> ids) {
        return trades.byIds(ids);
      }
    };
  }

  @Override
  protected void put(Collection<Trade> added) {
    trades.putAll(added);
  }

  @Override
  protected void remove(String id) {
    trades.remove(id);
  }

  @Override
  protected void putUnreadable(TradeKey key, int wrong) {
    trades.putUnreadable(new UnreadableRow(key, "price", "NaN", "is not a finite number", wrong));
  }
}
