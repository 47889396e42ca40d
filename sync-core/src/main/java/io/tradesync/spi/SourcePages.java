package io.tradesync.spi;

import io.tradesync.KeyRange;
import io.tradesync.Keyed;
import io.tradesync.Trade;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** All rows of a range in key order, unreadable ones included, one page in memory at a time. */
record SourcePages(TradeSource source, KeyRange range) implements Iterable<Keyed> {

  private static final int PAGE = 1_000;

  /** The digest of a row. */
  static SourceDigest digest(long bucket, Keyed row) {
    return row instanceof UnreadableRow unreadable
        ? new SourceDigest(bucket, 1, unreadable.rowHash(), 1)
        : new SourceDigest(bucket, 1, ((Trade) row).fingerprint());
  }

  /** The digest of two parts of a bucket. */
  static SourceDigest sum(SourceDigest a, SourceDigest b) {
    return new SourceDigest(
        a.bucket(),
        a.count() + b.count(),
        a.fingerprints() + b.fingerprints(),
        a.unreadable() + b.unreadable());
  }

  @Override
  public Iterator<Keyed> iterator() {
    TradeSource checked = new CheckedTradeSource(source);
    return new Iterator<>() {
      private final Deque<Keyed> rows = new ArrayDeque<>();
      private KeyRange rest = range;
      private boolean atEnd;

      @Override
      public boolean hasNext() {
        if (rows.isEmpty() && !atEnd) {
          SourcePage<Trade> page = checked.page(rest, PAGE);
          rows.addAll(page.all());
          rest = page.end().map(rest::after).orElse(rest);
          atEnd = page.isLast();
        }
        return !rows.isEmpty();
      }

      @Override
      public Keyed next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return rows.remove();
      }
    };
  }
}
