package io.tradesync.internal.rows;

import io.tradesync.Trade;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * The rows of some ids, in as many answers as a source needs to bound their size. Each answer has
 * all rows of its ids. Whoever needs the trades of several answers must bound their size, too.
 *
 * @param ids distinct ids, possibly none
 */
public record RowsById(TradeSource source, List<String> ids)
    implements Iterable<SourcePage<Trade>> {

  /** Takes ids that may repeat. */
  public static RowsById of(TradeSource source, Collection<String> ids) {
    return new RowsById(source, ids.stream().distinct().toList());
  }

  @Override
  public Iterator<SourcePage<Trade>> iterator() {
    Deque<List<String>> left = new ArrayDeque<>();
    if (!ids.isEmpty()) {
      left.push(ids);
    }
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return !left.isEmpty();
      }

      @Override
      public SourcePage<Trade> next() {
        List<String> part = left.pop();
        SourcePage<Trade> answer = source.byIds(part);
        while (!answer.isLast()) {
          int half = part.size() / 2;
          left.push(part.subList(half, part.size()));
          part = part.subList(0, half);
          answer = source.byIds(part);
        }
        return answer;
      }
    };
  }
}
