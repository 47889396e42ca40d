package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.log.HandOut;
import io.tradesync.spi.log.LogEntries;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** Reads the keys of what is perhaps in the sink, page by page. */
final class HandOutPages implements Iterator<TradeKey> {

  private static final int PAGE_SIZE = 1_000;

  private final LogEntries log;
  private List<KeyRange> rest;
  private Iterator<HandOut> page = List.<HandOut>of().iterator();
  private boolean isLastPage;

  private HandOutPages(LogEntries log, List<KeyRange> ranges) {
    this.log = log;
    this.rest = ranges;
  }

  /** Returns the keys in some ranges, in key order; can be iterated over once. */
  static Iterable<TradeKey> keys(LogEntries log, List<KeyRange> ranges) {
    return () -> new HandOutPages(log, ranges);
  }

  @Override
  public boolean hasNext() {
    if (!page.hasNext() && !isLastPage && !rest.isEmpty()) {
      List<HandOut> next = log.handOuts(rest, PAGE_SIZE);
      isLastPage = next.size() < PAGE_SIZE;
      page = next.iterator();
      if (!isLastPage) {
        rest = KeyRanges.after(rest, next.get(PAGE_SIZE - 1).key());
      }
    }
    return page.hasNext();
  }

  @Override
  public TradeKey next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return page.next().key();
  }
}
