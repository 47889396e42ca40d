package io.tradesync.spi;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.Objects;

/** One change that a sink carries out. */
public sealed interface TradeChange {

  /** The trade's key after the change, by which the changes of a batch are ordered. */
  TradeKey key();

  /**
   * A trade that the log does not hold as processed. A sink outside the log's transaction can
   * receive it again after a crash.
   */
  record Insert(Trade trade) implements TradeChange {

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
   * content, in a force also with the same content, or the same id at another key.
   *
   * @param oldKey the key of the trade that was processed before
   * @param trade the trade as the source has it now
   */
  record Replace(TradeKey oldKey, Trade trade) implements TradeChange {

    public Replace {
      Objects.requireNonNull(oldKey, "oldKey");
      Objects.requireNonNull(trade, "trade");
    }

    @Override
    public TradeKey key() {
      return trade.key();
    }
  }

  /** A trade that was processed before and that the source no longer has. */
  record Retract(TradeKey key) implements TradeChange {

    public Retract {
      Objects.requireNonNull(key, "key");
    }
  }
}
