package io.tradesync;

import java.time.Instant;
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
 * @param store what is to be said of the store besides its gaps
 */
public record SyncHealth(
    long lagMinutes,
    @Nullable Long lastSourceEpochSecond,
    @Nullable Long lastProcessedEpochSecond,
    Recommendation recommendation,
    GapCounts gaps,
    @Nullable Verified verified,
    @Nullable Long retainedSinceEpochSecond,
    StoreState store) {

  /**
   * What is to be said of the store besides its gaps.
   *
   * @param accepted how many failures somebody accepted; see {@link SyncEngine#acceptFailures}
   * @param kept how many trades left the source after they were final and are kept in the store,
   *     see {@link SyncEngineBuilder#retractFinal}; of what was verified before, as of that
   *     comparison
   * @param storeDiffers how many rows of trades and how many candles the last audit found to differ
   *     from what the log says, and no run has repaired since
   * @param candlesToRecompute how many candles the sink still has to recompute
   * @param storeDiffersAsOf when that audit began to read what it compared; null if there was none
   * @param outsideKeyOrderAsOf when the rows outside the key order were recorded, which are counted
   *     among the errors; null if they were counted for this health
   */
  public record StoreState(
      long accepted,
      long kept,
      long storeDiffers,
      long candlesToRecompute,
      @Nullable Instant storeDiffersAsOf,
      @Nullable Instant outsideKeyOrderAsOf) {

    /** Nothing. */
    public static final StoreState NONE = new StoreState(0, 0, 0, 0);

    /** What is of this moment. */
    public StoreState(long accepted, long kept, long storeDiffers, long candlesToRecompute) {
      this(accepted, kept, storeDiffers, candlesToRecompute, null, null);
    }
  }

  /** How many failures somebody accepted; no gap. */
  public long accepted() {
    return store.accepted();
  }

  /** How many trades left the source after they were final and are kept; no gap. */
  public long kept() {
    return store.kept();
  }

  /**
   * How many rows of trades and how many candles differ from what the log says, as of the last
   * audit; a gap, which the next run repairs.
   */
  public long storeDiffers() {
    return store.storeDiffers();
  }

  /** How many candles the sink still has to recompute; no gap. */
  public long candlesToRecompute() {
    return store.candlesToRecompute();
  }

  /** Whether there is no gap of any kind, and the store differs nowhere. */
  public boolean isHealthy() {
    return gaps.total() == 0 && storeDiffers() == 0;
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
