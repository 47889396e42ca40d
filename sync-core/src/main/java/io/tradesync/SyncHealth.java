package io.tradesync;

import org.jspecify.annotations.Nullable;

/**
 * How the store compares with the source, within the scope, at the time of asking.
 *
 * @param lagMinutes whole minutes, rounded down and never negative, from the newest processed trade
 *     (from the oldest source trade while nothing is processed) to the newest trade of the source
 * @param lastSourceEpochSecond the timestamp of the source's newest trade, null if it has none
 * @param lastProcessedEpochSecond the timestamp of the newest processed trade, null if there is
 *     none
 * @param recommendation what to do
 * @param gaps the differences by kind
 * @param verified what was compared at an earlier time only; null if nothing is remembered
 * @param retainedSinceEpochSecond the retention boundary: the second below which the store keeps no
 *     trades, so that nothing there is compared; null if there is none
 * @param noGaps what differs and counts as no gap
 */
public record SyncHealth(
    long lagMinutes,
    @Nullable Long lastSourceEpochSecond,
    @Nullable Long lastProcessedEpochSecond,
    Recommendation recommendation,
    GapCounts gaps,
    @Nullable Verified verified,
    @Nullable Long retainedSinceEpochSecond,
    NoGaps noGaps) {

  /**
   * What differs and counts as no gap.
   *
   * @param accepted how many failures somebody accepted; see {@link SyncEngine#acceptFailures}
   * @param kept how many trades left the source after they were final and are kept in the store,
   *     see {@link SyncEngineBuilder#retractFinal}; of what was verified before, as of that
   *     comparison
   * @param candlesToRecompute how many candles the sink still has to recompute
   */
  public record NoGaps(long accepted, long kept, long candlesToRecompute) {

    /** Nothing. */
    public static final NoGaps NONE = new NoGaps(0, 0, 0);
  }

  /** How many failures somebody accepted; no gap. */
  public long accepted() {
    return noGaps.accepted();
  }

  /** How many trades left the source after they were final and are kept; no gap. */
  public long kept() {
    return noGaps.kept();
  }

  /** How many candles the sink still has to recompute; no gap. */
  public long candlesToRecompute() {
    return noGaps.candlesToRecompute();
  }

  /** Whether there is no gap of any kind. */
  public boolean isHealthy() {
    return gaps.total() == 0;
  }

  /**
   * The trades of the source that were not processed.
   *
   * @return missing plus failed trades
   */
  public long missedTrades() {
    return gaps.missing() + gaps.error();
  }
}
