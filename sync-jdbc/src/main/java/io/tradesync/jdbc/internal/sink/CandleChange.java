package io.tradesync.jdbc.internal.sink;

import java.math.BigDecimal;

/**
 * What a batch does to one candle.
 *
 * @param added what trades add that are there now
 * @param removed what trades added that are gone, or that had another content
 */
record CandleChange(Candle added, Candle removed) {

  /** How many trades more the candle has, or fewer. */
  long trades() {
    return added.trades() - removed.trades();
  }

  BigDecimal volume() {
    return added.volume().subtract(removed.volume());
  }

  BigDecimal quoteVolume() {
    return added.quoteVolume().subtract(removed.quoteVolume());
  }
}
