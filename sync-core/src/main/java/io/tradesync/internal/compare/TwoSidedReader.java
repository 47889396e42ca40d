package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.Keyed;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogEntry;
import java.util.List;
import java.util.Optional;

/**
 * Reads both sides of some ranges together, a stretch at a time: a page of the source and then the
 * log's entries of the same stretch, however many one side has more than the other.
 *
 * @param <T> what is read of a trade
 */
public final class TwoSidedReader<T extends Keyed> {

  /** Reads the source's first trades over some ranges. */
  public interface PageReader<T extends Keyed> {
    SourcePage<T> read(List<KeyRange> ranges, int limit);
  }

  /**
   * Both sides of a stretch.
   *
   * @param ranges the stretch
   * @param trades all trades of the source in it, in key order
   * @param entries all entries of the log in it, read later, in key order
   */
  public record Step<T extends Keyed>(
      List<KeyRange> ranges, List<T> trades, List<LogEntry> entries) {}

  private static final int SHRINKING = 8;

  private final PageReader<T> source;
  private final LogEntries log;
  private int pageSize;
  private List<KeyRange> rest;

  public TwoSidedReader(PageReader<T> source, LogEntries log, List<KeyRange> ranges, int pageSize) {
    this.source = source;
    this.log = log;
    this.pageSize = pageSize;
    this.rest = ranges.stream().filter(range -> !range.isEmpty()).toList();
  }

  public boolean isAtEnd() {
    return rest.isEmpty();
  }

  public Optional<Step<T>> next() {
    if (rest.isEmpty()) {
      return Optional.empty();
    }
    SourcePage<T> page = read();
    List<T> trades = page.rows();
    List<KeyRange> stretch = page.isLast() ? rest : KeyRanges.upTo(rest, page.end().orElseThrow());
    // The log also holds what was retracted.
    int most = 2 * pageSize;
    List<LogEntry> entries = log.page(stretch, most);
    if (entries.size() == most) {
      TradeKey last = entries.get(most - 1).key();
      stretch = KeyRanges.upTo(stretch, last);
      trades = trades.stream().filter(trade -> !last.isBefore(trade.key())).toList();
    }
    rest = KeyRanges.after(rest, stretch.get(stretch.size() - 1).upTo());
    return Optional.of(new Step<>(stretch, trades, entries));
  }

  private SourcePage<T> read() {
    while (true) {
      try {
        return source.read(rest, pageSize);
      } catch (SideUnavailableException e) {
        if (!e.isTimeout() || pageSize == 1) {
          throw e;
        }
        pageSize = Math.max(1, pageSize / SHRINKING);
      }
    }
  }
}
