package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.internal.rows.SourceRow;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.log.HandOut;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogEntry;
import java.util.List;
import java.util.Optional;

/**
 * Reads both sides of some ranges together, part by part: a page of the source, and then the log's
 * entries of the same part, however many more one side has than the other.
 */
public final class TwoSidedReader {

  /** Reads the source's first rows of some ranges. */
  public interface PageReader {
    SourcePage<?> read(List<KeyRange> ranges, int limit);
  }

  /**
   * Both sides of a part.
   *
   * @param ranges the part
   * @param rows all rows of the source in the part, in key order
   * @param entries all entries of the log in the part, read later, in key order
   * @param handOuts what is perhaps in the sink in the part, read last
   */
  public record Page(
      List<KeyRange> ranges, List<SourceRow> rows, List<LogEntry> entries, List<HandOut> handOuts) {

    /** The key up to which the part goes. */
    public TradeKey through() {
      return ranges.get(ranges.size() - 1).upTo();
    }
  }

  private static final int SHRINKING = 8;

  private final PageReader source;
  private final LogEntries log;
  private int pageSize;
  private List<KeyRange> rest;

  public TwoSidedReader(PageReader source, LogEntries log, List<KeyRange> ranges, int pageSize) {
    this.source = source;
    this.log = log;
    this.pageSize = pageSize;
    this.rest = ranges.stream().filter(range -> !range.isEmpty()).toList();
  }

  public boolean isAtEnd() {
    return rest.isEmpty();
  }

  public Optional<Page> next() {
    if (rest.isEmpty()) {
      return Optional.empty();
    }
    SourcePage<?> sourcePage = readSource();
    List<SourceRow> rows = SourceRow.all(sourcePage);
    List<KeyRange> part =
        sourcePage.isLast() ? rest : KeyRanges.upTo(rest, sourcePage.end().orElseThrow());
    // The log also holds what was retracted.
    int maxEntries = 2 * pageSize;
    List<LogEntry> entries = log.page(part, maxEntries);
    if (entries.size() == maxEntries) {
      TradeKey last = entries.get(maxEntries - 1).key();
      part = KeyRanges.upTo(part, last);
      rows = rows.stream().filter(row -> !last.isBefore(row.key())).toList();
    }
    List<HandOut> handOuts = log.handOuts(part, maxEntries);
    if (handOuts.size() == maxEntries) {
      TradeKey last = handOuts.get(maxEntries - 1).key();
      part = KeyRanges.upTo(part, last);
      rows = rows.stream().filter(row -> !last.isBefore(row.key())).toList();
      entries = entries.stream().filter(entry -> !last.isBefore(entry.key())).toList();
    }
    Page page = new Page(part, rows, entries, handOuts);
    rest = KeyRanges.after(rest, page.through());
    return Optional.of(page);
  }

  private SourcePage<?> readSource() {
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
