package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.TradeSource;

/** Counts the source's trades slice by slice, so that no request takes long. */
public final class SourceCounter {

  private long count;

  private SourceCounter() {}

  /**
   * Counts a range.
   *
   * @param source the source
   * @param range the range
   * @param stopCheck called again and again; what it throws ends the counting
   * @return how many trades it holds
   */
  public static long of(TradeSource source, KeyRange range, StopCheck stopCheck) {
    SourceCounter sum = new SourceCounter();
    new SliceWalker(
            source::first,
            (slice, seconds) -> sum.add(source.count(slice)),
            stopCheck,
            SliceWalker.FIRST_WIDTH)
        .walk(range);
    return sum.count;
  }

  private long add(long trades) {
    count += trades;
    return trades;
  }
}
