package io.tradesync.spi;

import io.tradesync.TradeKey;
import io.tradesync.TradesyncException;
import java.util.Map;

/**
 * Thrown by a sink that knows which trades of a batch cannot be written, and why: these are marked
 * as failed, the rest of the batch is written without them, and nothing has to be found out by
 * halving. It is not tried again within the run.
 *
 * <p>What the sink did for the batch before it threw is undone or tried again with the rest, as
 * with any other exception.
 */
public final class BadTradesException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  /** Bad trades with their reasons. */
  private final transient Map<TradeKey, String> reasons;

  /**
   * Names the bad trades.
   *
   * @param reasons why each cannot be written, without secrets; at least one. Trades that are not
   *     in the batch are left out of account
   * @throws IllegalArgumentException if no trade is named
   */
  public BadTradesException(Map<TradeKey, String> reasons) {
    super(reasons.size() + " trades cannot be written");
    if (reasons.isEmpty()) {
      throw new IllegalArgumentException("at least one trade must be named");
    }
    this.reasons = Map.copyOf(reasons);
  }

  /**
   * The bad trades.
   *
   * @return why each cannot be written; unmodifiable
   */
  public Map<TradeKey, String> reasons() {
    return reasons;
  }
}
