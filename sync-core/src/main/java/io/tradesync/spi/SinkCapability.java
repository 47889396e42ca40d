package io.tradesync.spi;

/** A kind of change that a sink understands. */
public enum SinkCapability {
  /** {@link TradeChange.Insert}; every sink has it. */
  INSERT,
  /** {@link TradeChange.Replace}; of a trade at its own key. One that moved needs RETRACT, too. */
  REPLACE,
  /** {@link TradeChange.Retract}. */
  RETRACT
}
