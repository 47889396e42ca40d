package io.tradesync.jdbc.internal.sink;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What trades of one candle add to it. Adding is commutative and associative, because the trades
 * with the smallest and the largest key give open and close.
 *
 * @param first the smallest key, null if there is no trade
 * @param last the largest key, null if there is no trade
 * @param volume the sum of the quantities
 * @param quoteVolume the sum of price times quantity
 * @param trades how many trades
 */
record Candle(
    @Nullable TradeKey first,
    @Nullable BigDecimal open,
    @Nullable BigDecimal high,
    @Nullable BigDecimal low,
    @Nullable BigDecimal close,
    @Nullable TradeKey last,
    BigDecimal volume,
    BigDecimal quoteVolume,
    long trades) {

  /** Adds nothing. */
  static final Candle NOTHING =
      new Candle(null, null, null, null, null, null, BigDecimal.ZERO, BigDecimal.ZERO, 0);

  /** What one trade adds: nothing if it has no price or no quantity. */
  static Candle of(Trade trade) {
    BigDecimal price = trade.price();
    BigDecimal quantity = trade.quantity();
    if (price == null || quantity == null) {
      return NOTHING;
    }
    return new Candle(
        trade.key(),
        price,
        price,
        price,
        price,
        trade.key(),
        quantity,
        price.multiply(quantity),
        1);
  }

  Candle plus(Candle other) {
    if (first == null || last == null || high == null || low == null) {
      return other;
    }
    if (other.first == null || other.last == null || other.high == null || other.low == null) {
      return this;
    }
    boolean opens = first.isBefore(other.first);
    boolean closes = other.last.isBefore(last);
    return new Candle(
        opens ? first : other.first,
        opens ? open : other.open,
        high.max(other.high),
        low.min(other.low),
        closes ? close : other.close,
        closes ? last : other.last,
        volume.add(other.volume),
        quoteVolume.add(other.quoteVolume),
        trades + other.trades);
  }
}
