package io.tradesync.examples.service.http;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.spi.OutsideRow;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.util.Collection;
import java.util.List;

/** A source with rows that have no place in the key order, which one in memory cannot hold. */
record OutsideSource(TradeSource trades, List<OutsideRow> outside) implements TradeSource {

  @Override
  public SourcePage<Trade> page(KeyRange range, int limit) {
    return trades.page(range, limit);
  }

  @Override
  public SourcePage<Trade> byIds(Collection<String> ids) {
    return trades.byIds(ids);
  }

  @Override
  public long countWithoutKey() {
    return outside.size();
  }

  @Override
  public List<OutsideRow> outsideKeyOrder(int limit) {
    return outside;
  }
}
