package io.tradesync.jdbc.internal.sink;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What the row of a trade adds to candles. Two rows are equal if they add the same to the same
 * candles.
 *
 * @param price the price without trailing zeros, or null
 * @param quantity the quantity without trailing zeros, or null
 * @param isFinite false if somebody wrote a number that is none, as NaN; it is null then, and
 *     nobody knows what candles hold of the row
 */
public record TradeRow(
    TradeKey key,
    long chainId,
    String poolId,
    @Nullable BigDecimal price,
    @Nullable BigDecimal quantity,
    boolean isFinite) {

  public TradeRow {
    price = price == null ? null : price.stripTrailingZeros();
    quantity = quantity == null ? null : quantity.stripTrailingZeros();
  }

  public static TradeRow of(Trade trade) {
    return new TradeRow(
        trade.key(), trade.chainId(), trade.poolId(), trade.price(), trade.quantity(), true);
  }
}
