package io.tradesync.jdbc;

/** Who keeps the candles of a {@link TimescaleSink}. */
public enum CandleStorage {

  /**
   * The sink, in the table {@code trade_candles}, in the transaction that writes the trades. So
   * candles and trades never differ. Works on every PostgreSQL.
   */
  TABLE,

  /**
   * TimescaleDB, in continuous aggregates {@code trade_candles_60}, {@code trade_candles_300} and
   * so on; {@code trade_candles} is a view over them with the same columns and the same rows. The
   * sink refreshes, after the commit, the time that its transactions touched: at the end of a run,
   * and about a second after a commit of the live path. Writing costs less. Needs the community
   * edition of TimescaleDB and {@code analytics_trades} as a hypertable.
   */
  CONTINUOUS_AGGREGATES
}
