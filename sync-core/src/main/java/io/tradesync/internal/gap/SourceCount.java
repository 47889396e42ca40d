package io.tradesync.internal.gap;

import io.tradesync.KeyRange;
import io.tradesync.spi.TradeSource;

/** Counts the source's trades slice by slice, so that no request takes long. */
public final class SourceCount {

  private long count;

  private SourceCount() {}

  /**
   * Counts a range.
   *
   * @param source the source
   * @param range the range
   * @param pause called again and again; what it throws ends the counting
   * @return how many trades it holds
   */
  public static long of(TradeSource source, KeyRange range, Runnable pause) {
    SourceCount sum = new SourceCount();
    new Slices(
            source::first,
            (slice, seconds) -> sum.add(source.count(slice)),
            pause,
            Slices.FIRST_WIDTH)
        .walk(range);
    return sum.count;
  }

  private long add(long trades) {
    count += trades;
    return trades;
  }
}
