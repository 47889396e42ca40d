package io.tradesync;

import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.util.Collection;

/** A source with the two methods that every source must have, and nothing else. */
public class MinimalSource implements TradeSource {

  private final InMemoryTradeSource trades;

  public MinimalSource(InMemoryTradeSource trades) {
    this.trades = trades;
  }

  @Override
  public SourcePage<Trade> page(KeyRange range, int limit) {
    return trades.page(range, limit);
  }

  @Override
  public SourcePage<Trade> byIds(Collection<String> ids) {
    return trades.byIds(ids);
  }
}
