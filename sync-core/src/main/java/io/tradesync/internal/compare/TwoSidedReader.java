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
 * Reads both sides of some ranges together, part by part: a page of the source, and then the log's
 * entries of the same part, however many more one side has than the other.
 *
 * @param <T> what is read of a trade
 */
public final class TwoSidedReader<T extends Keyed> {

  /** Reads the source's first trades of some ranges. */
  public interface PageReader<T extends Keyed> {
    SourcePage<T> read(List<KeyRange> ranges, int limit);
  }

  /**
   * Both sides of a part.
   *
   * @param ranges the part
   * @param trades all trades of the source in the part, in key order
   * @param entries all entries of the log in the part, read later, in key order
   */
  public record Page<T extends Keyed>(
      List<KeyRange> ranges, List<T> trades, List<LogEntry> entries) {

    /** The key up to which the part goes. */
    public TradeKey through() {
      return ranges.get(ranges.size() - 1).upTo();
    }
  }

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

  public Optional<Page<T>> next() {
    if (rest.isEmpty()) {
      return Optional.empty();
    }
    SourcePage<T> sourcePage = readSource();
    List<T> trades = sourcePage.rows();
    List<KeyRange> part =
        sourcePage.isLast() ? rest : KeyRanges.upTo(rest, sourcePage.end().orElseThrow());
    // The log also holds what was retracted.
    int maxEntries = 2 * pageSize;
    List<LogEntry> entries = log.page(part, maxEntries);
    if (entries.size() == maxEntries) {
      TradeKey last = entries.get(maxEntries - 1).key();
      part = KeyRanges.upTo(part, last);
      trades = trades.stream().filter(trade -> !last.isBefore(trade.key())).toList();
    }
    Page<T> page = new Page<>(part, trades, entries);
    rest = KeyRanges.after(rest, page.through());
    return Optional.of(page);
  }

  private SourcePage<T> readSource() {
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
