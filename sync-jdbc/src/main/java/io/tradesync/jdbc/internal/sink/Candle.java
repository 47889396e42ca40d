package io.tradesync.jdbc.internal.sink;

import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import java.math.BigDecimal;
import java.util.Collection;
import org.jdbi.v3.core.statement.SqlStatement;
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
  static Candle of(TradeKey key, @Nullable BigDecimal price, @Nullable BigDecimal quantity) {
    if (price == null || quantity == null) {
      return NOTHING;
    }
    return new Candle(key, price, price, price, price, key, quantity, price.multiply(quantity), 1);
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

  /** Binds candles as one array a column. */
  static <S extends SqlStatement<S>> S bind(S statement, Collection<Candle> candles) {
    SqlArrays.bind(statement, "opens", "numeric", candles, Candle::open);
    SqlArrays.bind(statement, "highs", "numeric", candles, Candle::high);
    SqlArrays.bind(statement, "lows", "numeric", candles, Candle::low);
    SqlArrays.bind(statement, "closes", "numeric", candles, Candle::close);
    SqlArrays.bind(statement, "volumes", "numeric", candles, Candle::volume);
    SqlArrays.bind(statement, "quoteVolumes", "numeric", candles, Candle::quoteVolume);
    SqlArrays.bind(statement, "trades", "bigint", candles, Candle::trades);
    SqlArrays.bind(statement, "openSeconds", "bigint", candles, candle -> second(candle.first()));
    SqlArrays.bind(statement, "openIds", "text", candles, candle -> id(candle.first()));
    SqlArrays.bind(statement, "closeSeconds", "bigint", candles, candle -> second(candle.last()));
    return SqlArrays.bind(statement, "closeIds", "text", candles, candle -> id(candle.last()));
  }

  static @Nullable Long second(@Nullable TradeKey key) {
    return key == null ? null : key.epochSecond();
  }

  static @Nullable String id(@Nullable TradeKey key) {
    return key == null ? null : key.id();
  }
}
