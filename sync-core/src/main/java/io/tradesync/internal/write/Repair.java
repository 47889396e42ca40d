package io.tradesync.internal.write;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.internal.rows.TextSize;
import io.tradesync.spi.log.TradeFailure;
import org.jspecify.annotations.Nullable;

/** One change that makes the store equal to the source again. */
public sealed interface Repair {

  TradeKey key();

  /** How many characters its texts have; see {@link TextSize}. */
  default long textLength() {
    return 0;
  }

  /**
   * Puts a trade into the store as the source has it.
   *
   * @param leaves the key at which the log was seen to hold the id, when the source had it at the
   *     trade's key alone; null if the id was not seen at another key
   */
  record Write(Trade trade, @Nullable TradeKey leaves) implements Repair {

    /** Puts a trade into the store whose id was not seen at another key. */
    public Write(Trade trade) {
      this(trade, null);
    }

    boolean wasSeenAt(TradeKey key) {
      return key.equals(key()) || key.equals(leaves);
    }

    @Override
    public TradeKey key() {
      return trade.key();
    }

    @Override
    public long textLength() {
      return TextSize.of(trade);
    }
  }

  /**
   * Records that the source's rows at a key are not one trade.
   *
   * @param trade the trade to write before; null if nothing is written
   */
  record Mark(TradeFailure failure, @Nullable Trade trade) implements Repair {
    @Override
    public TradeKey key() {
      return failure.key();
    }

    @Override
    public long textLength() {
      return trade == null ? 0 : TextSize.of(trade);
    }
  }

  /** Removes a trade from the store that the source no longer has. */
  record Retract(TradeKey key) implements Repair {}
}
