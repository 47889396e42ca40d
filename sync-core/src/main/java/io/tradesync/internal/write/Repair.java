package io.tradesync.internal.write;

import io.tradesync.Trade;
import io.tradesync.TradeKey;

/** One change that makes the store equal to the source again. */
public sealed interface Repair {

  TradeKey key();

  /** Puts a trade into the store as the source has it. */
  record Write(Trade trade) implements Repair {
    @Override
    public TradeKey key() {
      return trade.key();
    }
  }

  /** Removes a trade from the store that the source no longer has. */
  record Retract(TradeKey key) implements Repair {}
}
