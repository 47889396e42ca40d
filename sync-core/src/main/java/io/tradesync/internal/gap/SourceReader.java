package io.tradesync.internal.gap;

import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.KeyPrint;
import io.tradesync.spi.LogEntries;
import io.tradesync.spi.TradeSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads the trades of a range, one page in memory at a time, and tells which are to be written. */
public final class SourceReader {

  /**
   * One page.
   *
   * @param trades all trades that the source has here, in key order
   * @param repairs those to be written, in key order
   */
  public record Page(List<Trade> trades, List<Trade> repairs) {}

  private static final int SHRINKING = 8;

  private final TradeSource source;
  private final Repairs repairs;
  private int pageSize;
  private KeyRange rest;
  private boolean more;

  private interface Repairs {
    List<Trade> of(List<Trade> page, KeyRange stretch);
  }

  private SourceReader(TradeSource source, KeyRange range, int pageSize, Repairs repairs) {
    this.source = source;
    this.pageSize = pageSize;
    this.repairs = repairs;
    this.rest = range;
    this.more = !range.isEmpty();
  }

  /**
   * Reads a range to write every trade of it.
   *
   * @param source the source
   * @param range the range
   * @param pageSize how many trades to read at a time
   * @return a reader
   */
  public static SourceReader ofAll(TradeSource source, KeyRange range, int pageSize) {
    return new SourceReader(source, range, pageSize, (page, stretch) -> page);
  }

  /**
   * Reads a range to write those trades of it that are gaps.
   *
   * @param source the source
   * @param log the log's entries
   * @param wanted which kinds of gap to write
   * @param range the range
   * @param pageSize how many trades to read at a time
   * @return a reader
   */
  public static SourceReader ofGaps(
      TradeSource source, LogEntries log, Predicate<GapKind> wanted, KeyRange range, int pageSize) {
    Merge merge = new Merge(log);
    return new SourceReader(
        source, range, pageSize, (page, stretch) -> gaps(source, merge, wanted, page, stretch));
  }

  /**
   * Tells whether the range is read to its end.
   *
   * @return true if there is no further page
   */
  public boolean isAtEnd() {
    return !more;
  }

  /**
   * Reads on.
   *
   * @return the next page, or empty once the range is read to its end
   */
  public Optional<Page> next() {
    if (!more) {
      return Optional.empty();
    }
    List<Trade> trades = read();
    more = trades.size() == pageSize;
    KeyRange stretch = rest;
    if (more) {
      TradeKey last = trades.get(pageSize - 1).key();
      stretch = rest.upTo(last);
      rest = rest.after(last);
    }
    return Optional.of(new Page(trades, trades.isEmpty() ? trades : repairs.of(trades, stretch)));
  }

  private List<Trade> read() {
    while (true) {
      try {
        return source.page(rest, pageSize);
      } catch (SideUnavailableException e) {
        if (!e.isTimeout() || pageSize == 1) {
          throw e;
        }
        pageSize = Math.max(1, pageSize / SHRINKING);
      }
    }
  }

  private static List<Trade> gaps(
      TradeSource source,
      Merge merge,
      Predicate<GapKind> wanted,
      List<Trade> page,
      KeyRange stretch) {
    Map<TradeKey, Gap> gaps =
        merge.compare(page.stream().map(KeyPrint::of).toList(), List.of(stretch), suspects -> {});
    gaps.values().removeIf(gap -> !wanted.test(gap.kind()));
    Map<TradeKey, Trade> reread = Changes.confirm(source, gaps);
    return page.stream()
        .filter(trade -> gaps.containsKey(trade.key()))
        .map(trade -> reread.getOrDefault(trade.key(), trade))
        .toList();
  }
}
