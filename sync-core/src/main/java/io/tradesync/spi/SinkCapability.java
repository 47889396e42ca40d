package io.tradesync.spi;

/** A kind of change that a sink supports. */
public enum SinkCapability {
  /** {@link TradeChange.Insert}; every sink supports it. */
  INSERT,
  /** {@link TradeChange.Replace} of a trade at its own key. A moved trade also needs RETRACT. */
  REPLACE,
  /** {@link TradeChange.Retract}. */
  RETRACT
}
