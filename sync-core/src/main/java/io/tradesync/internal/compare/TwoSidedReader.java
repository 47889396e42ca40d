package io.tradesync.internal.compare;

import io.tradesync.KeyRange;
import io.tradesync.Keyed;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradeKey;
import io.tradesync.internal.rows.SourceRow;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.log.HandOut;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

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

    private TradeKey middle() {
      NavigableSet<TradeKey> keys = new TreeSet<>();
      Stream.of(rows, entries, handOuts)
          .flatMap(List::stream)
          .forEach(keyed -> keys.add(keyed.key()));
      return keys.stream().skip((keys.size() - 1) / 2).findFirst().orElseThrow();
    }

    private Page upTo(TradeKey last) {
      return new Page(
          KeyRanges.upTo(ranges, last),
          upTo(rows, last),
          upTo(entries, last),
          upTo(handOuts, last));
    }

    private static <T extends Keyed> List<T> upTo(List<T> keyed, TradeKey last) {
      return keyed.stream().filter(each -> !last.isBefore(each.key())).toList();
    }

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
      part = KeyRanges.upTo(part, entries.get(maxEntries - 1).key());
    }
    List<HandOut> handOuts = log.handOuts(part, maxEntries);
    if (handOuts.size() == maxEntries) {
      part = KeyRanges.upTo(part, handOuts.get(maxEntries - 1).key());
    }
    Page page = new Page(part, rows, entries, handOuts);
    boolean isWhole = entries.size() < maxEntries && handOuts.size() < maxEntries;
    return Optional.of(returned(isWhole ? page : page.upTo(page.through())));
  }

  private Page returned(Page page) {
    rest = KeyRanges.after(rest, page.through());
    return page;
  }

  /** Returns the first half of the page that was read last, and reads the other one again. */
  public Page firstHalf(Page page) {
    Page half = page.upTo(page.middle());
    List<KeyRange> unread = new ArrayList<>(KeyRanges.after(page.ranges(), half.through()));
    unread.addAll(rest);
    rest = unread;
    return half;
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
