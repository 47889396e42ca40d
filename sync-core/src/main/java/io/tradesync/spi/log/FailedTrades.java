package io.tradesync.spi.log;

import io.tradesync.FailedTrade;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.util.List;

/** Records which trades could not be processed, and why. Used by many threads at once. */
public interface FailedTrades {

  /**
   * Marks trades as failed and counts the attempt, each in its entry:
   *
   * <ul>
   *   <li>An entry that is processed with the content that failed stays as it is.
   *   <li>An entry that is processed with other content, or that could not be retracted, stays
   *       processed and also holds the reason.
   *   <li>Any other entry, and a new one, becomes {@link EntryStatus#ERROR}.
   * </ul>
   *
   * <p>A trade is parked when the same content failed because of the trade itself in {@code
   * parkAfter} runs. The count starts again from zero when the trade is processed, retracted or
   * released, and when other content fails.
   *
   * <p>Marks the sub-ranges of the entries that it changes, as a claim does; see {@link
   * Verification}.
   *
   * @param failures what failed, in key order, each key once
   * @param runId the run; empty for the live path, whose failures are not counted for parking
   * @param parkAfter after how many runs a trade is parked; at least 1
   * @return the trades that are marked now, as {@link #list} shows them, in key order; without
   *     those whose entry stays as it is
   */
  List<FailedTrade> markFailed(List<TradeFailure> failures, String runId, int parkAfter);

  /**
   * Unparks trades, so that the next run tries them again. Their failures are no longer accepted.
   *
   * @return how many trades were parked
   */
  long releaseParked(KeyRange range);

  /**
   * Accepts the failures of some trades: they are parked, and count as accepted instead of failed,
   * until the trade is processed, retracted or released, or other content fails.
   *
   * @param keys the trades, in any order; a trade without an open failure is left alone
   * @param reason why, for whoever looks at the failure later
   * @return how many failures are accepted now, also those that were before
   */
  long accept(List<TradeKey> keys, String reason);

  /**
   * Lists failed trades: entries with status {@link EntryStatus#ERROR}, and processed entries that
   * could not be replaced or retracted.
   *
   * @param after lists the trades after this key; {@link TradeKey#MIN} for the first ones
   * @param limit the largest number of trades to return; at least 1
   * @return the trades, in key order
   */
  List<FailedTrade> list(TradeKey after, int limit);
}
