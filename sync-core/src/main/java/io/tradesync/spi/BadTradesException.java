package io.tradesync.spi;

import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import java.util.Map;

/**
 * Thrown by a sink that knows which trades of a batch cannot be written. The engine marks these
 * trades as failed and writes the others without them. It does not halve the batch, and it does not
 * try the bad trades again within the run.
 *
 * <p>What the sink did for the batch before it threw is rolled back or tried again with the others,
 * as after any other exception.
 */
public final class BadTradesException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  private final transient Map<TradeKey, String> reasons;

  /**
   * Names the bad trades.
   *
   * @param reasons why each cannot be written, without secrets; at least one. Trades that are not
   *     in the batch are ignored
   * @throws IllegalArgumentException if no trade is named
   */
  public BadTradesException(Map<TradeKey, String> reasons) {
    super(reasons.size() + " trades cannot be written");
    if (reasons.isEmpty()) {
      throw new IllegalArgumentException("at least one trade must be named");
    }
    this.reasons = Map.copyOf(reasons);
  }

  /** The bad trades, and why each cannot be written; unmodifiable. */
  public Map<TradeKey, String> reasons() {
    return reasons;
  }
}
