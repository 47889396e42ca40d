package io.tradesync.redis;

import io.tradesync.Trade;
import io.tradesync.spi.Hint;
import java.util.Objects;

/** What a stream entry means. */
public sealed interface Decoded {

  /**
   * The entry carries the trade itself; it is written as it is.
   *
   * @param trade the trade
   */
  record Whole(Trade trade) implements Decoded {
    /**
     * Checks that the trade is there.
     *
     * @param trade see {@link #trade()}
     */
    public Whole {
      Objects.requireNonNull(trade, "trade");
    }
  }

  /**
   * The entry says that there is something new; the trade is read from the source.
   *
   * @param hint where to look
   */
  record Hinted(Hint hint) implements Decoded {
    /**
     * Checks that the hint is there.
     *
     * @param hint see {@link #hint()}
     */
    public Hinted {
      Objects.requireNonNull(hint, "hint");
    }
  }
}
