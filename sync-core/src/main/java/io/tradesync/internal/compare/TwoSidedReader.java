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
 * Reads both sides of some ranges together, part by part: a page of one side, and then the rows of
 * the other side in the same part, however many more one side has than the other.
 */
public final class TwoSidedReader {

  /** Reads the source's first rows of some ranges. */
  public interface PageReader {
    SourcePage<?> read(List<KeyRange> ranges, int limit);
  }

  /** Which side is read first. */
  public enum Order {
    /** What the log lacks then, it certainly lacks. */
    SOURCE_FIRST,
    /** A row that differs from its entry then is what the source has now. */
    LOG_FIRST
  }

  /**
   * Both sides of a part.
   *
   * @param ranges the part
   * @param rows all rows of the source in the part, in key order
   * @param entries all entries of the log in the part, in key order
   * @param handOuts what is perhaps in the sink in the part, read after the entries
   * @param order which side was read first
   */
  public record Page(
      List<KeyRange> ranges,
      List<SourceRow> rows,
      List<LogEntry> entries,
      List<HandOut> handOuts,
      Order order) {

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
          upTo(handOuts, last),
          order);
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
  private final Order order;
  private int pageSize;
  private List<KeyRange> rest;

  /**
   * @param ranges ranges in key order that do not overlap
   * @param pageSize the number of rows of the side that is read first, to read at a time
   */
  public TwoSidedReader(
      PageReader source, LogEntries log, List<KeyRange> ranges, int pageSize, Order order) {
    this.source = source;
    this.log = log;
    this.pageSize = pageSize;
    this.rest = ranges.stream().filter(range -> !range.isEmpty()).toList();
    this.order = order;
  }

  public boolean isAtEnd() {
    return rest.isEmpty();
  }

  public Optional<Page> next() {
    if (rest.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(returned(order == Order.LOG_FIRST ? logFirst() : sourceFirst()));
  }

  private Page sourceFirst() {
    SourcePage<?> sourcePage = readSource(rest);
    // The log also holds what was retracted.
    Page ofLog = readLog(part(rest, sourcePage), 2 * pageSize);
    return withRows(ofLog, ofLog.ranges(), sourcePage);
  }

  private Page logFirst() {
    Page ofLog = readLog(rest, pageSize);
    SourcePage<?> sourcePage = readSource(ofLog.ranges());
    return withRows(ofLog, part(ofLog.ranges(), sourcePage), sourcePage);
  }

  private static List<KeyRange> part(List<KeyRange> ranges, SourcePage<?> sourcePage) {
    return sourcePage.isLast() ? ranges : KeyRanges.upTo(ranges, sourcePage.end().orElseThrow());
  }

  /** Reads the log's first entries of some ranges, and what is perhaps in the sink beside them. */
  private Page readLog(List<KeyRange> ranges, int limit) {
    List<KeyRange> part = ranges;
    List<LogEntry> entries = log.page(part, limit);
    if (entries.size() == limit) {
      part = KeyRanges.upTo(part, entries.get(limit - 1).key());
    }
    List<HandOut> handOuts = log.handOuts(part, limit);
    if (handOuts.size() == limit) {
      part = KeyRanges.upTo(part, handOuts.get(limit - 1).key());
    }
    return new Page(part, List.of(), entries, handOuts, order);
  }

  private Page withRows(Page ofLog, List<KeyRange> part, SourcePage<?> sourcePage) {
    Page page = new Page(part, SourceRow.all(sourcePage), ofLog.entries(), ofLog.handOuts(), order);
    return page.upTo(page.through());
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

  private SourcePage<?> readSource(List<KeyRange> ranges) {
    while (true) {
      try {
        return source.read(ranges, pageSize);
      } catch (SideUnavailableException e) {
        if (!e.isTimeout() || pageSize == 1) {
          throw e;
        }
        pageSize = Math.max(1, pageSize / SHRINKING);
      }
    }
  }
}
