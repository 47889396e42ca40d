package io.tradesync.spi;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** All trades of a range, one page in memory at a time. */
record SourcePages(TradeSource source, KeyRange range) implements Iterable<Trade> {

  private static final int PAGE = 1_000;

  @Override
  public Iterator<Trade> iterator() {
    TradeSource checked = new CheckedTradeSource(source);
    return new Iterator<>() {
      private final Deque<Trade> trades = new ArrayDeque<>();
      private KeyRange rest = range;
      private boolean atEnd;

      @Override
      public boolean hasNext() {
        if (trades.isEmpty() && !atEnd) {
          SourcePage<Trade> page = checked.page(rest, PAGE);
          trades.addAll(page.rows());
          rest = page.end().map(rest::after).orElse(rest);
          atEnd = page.isLast();
        }
        return !trades.isEmpty();
      }

      @Override
      public Trade next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return trades.remove();
      }
    };
  }
}
