package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.TradeSource;

/** Counts the source's trades slice by slice, so that no request takes long. */
public final class SourceCounter {

  private final TradeSource source;
  private long trades;

  private SourceCounter(TradeSource source) {
    this.source = source;
  }

  /** Counts the trades of a range. */
  public static long count(TradeSource source, KeyRange range, StopCheck stopCheck) {
    SourceCounter counter = new SourceCounter(source);
    new SliceWalker(source::first, counter::add, stopCheck, SliceWalker.FIRST_WIDTH).walk(range);
    return counter.trades;
  }

  private long add(KeyRange slice, long seconds) {
    long count = source.count(slice);
    trades += count;
    return count;
  }
}
