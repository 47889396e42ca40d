package io.tradesync.spi;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** All trades of a range, one page in memory at a time. */
record SourcePages(TradeSource source, KeyRange range) implements Iterable<Trade> {

  private static final int PAGE = 1_000;

  @Override
  public Iterator<Trade> iterator() {
    return new Iterator<>() {
      private final Deque<Trade> page = new ArrayDeque<>();
      private KeyRange rest = range;
      private boolean more = true;

      @Override
      public boolean hasNext() {
        if (page.isEmpty() && more) {
          List<Trade> next = source.page(rest, PAGE);
          more = next.size() == PAGE;
          page.addAll(next);
        }
        return !page.isEmpty();
      }

      @Override
      public Trade next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Trade trade = page.remove();
        rest = rest.after(trade.key());
        return trade;
      }
    };
  }
}
