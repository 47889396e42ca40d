package io.tradesync.spi;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.Objects;

/** One thing that a sink is to do. */
public sealed interface TradeChange {

  /**
   * Where the change stands in the order of keys.
   *
   * @return the trade's key after the change
   */
  TradeKey key();

  /**
   * A trade that the log does not hold as processed. A sink outside the log's transaction can
   * receive it again after a crash.
   *
   * @param trade the trade
   */
  record Insert(Trade trade) implements TradeChange {
    /**
     * Checks that the trade is there.
     *
     * @param trade see {@link #trade()}
     */
    public Insert {
      Objects.requireNonNull(trade, "trade");
    }

    @Override
    public TradeKey key() {
      return trade.key();
    }
  }

  /**
   * A trade that takes the place of one that was processed before: the same trade with other
   * content or, when reprocessing is forced, with any content, or the same id at another key.
   *
   * @param oldKey the key of the trade that was processed before
   * @param trade the trade as it is now
   */
  record Replace(TradeKey oldKey, Trade trade) implements TradeChange {
    /**
     * Checks that both are there.
     *
     * @param oldKey see {@link #oldKey()}
     * @param trade see {@link #trade()}
     */
    public Replace {
      Objects.requireNonNull(oldKey, "oldKey");
      Objects.requireNonNull(trade, "trade");
    }

    @Override
    public TradeKey key() {
      return trade.key();
    }
  }

  /**
   * A trade that was processed before and that the source no longer has.
   *
   * @param key the trade
   */
  record Retract(TradeKey key) implements TradeChange {
    /**
     * Checks that the key is there.
     *
     * @param key see {@link #key()}
     */
    public Retract {
      Objects.requireNonNull(key, "key");
    }
  }
}
