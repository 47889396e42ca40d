package io.tradesync.internal.write;

import io.tradesync.Trade;
import io.tradesync.TradeKey;

/** One thing that a batch puts right. */
public sealed interface Repair {

  /**
   * Where it stands in the order of keys.
   *
   * @return the trade's key
   */
  TradeKey key();

  /**
   * A trade of the source that is to be in the store as it is.
   *
   * @param trade the trade
   */
  record Write(Trade trade) implements Repair {
    @Override
    public TradeKey key() {
      return trade.key();
    }
  }

  /**
   * A trade that the source no longer has and that is to leave the store.
   *
   * @param key the trade
   */
  record Retract(TradeKey key) implements Repair {}
}
