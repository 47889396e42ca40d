package io.tradesync.spi.log;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Computes the answers of {@link LogEntries} by reading a range page by page. */
final class EntryPages implements Iterator<LogEntry> {

  private static final int PAGE_SIZE = 1_000;

  /** Reads the first entries of some ranges, as {@link LogEntries#page} does. */
  @FunctionalInterface
  interface PageReader {
    List<LogEntry> page(List<KeyRange> ranges, int limit);
  }

  private final PageReader entries;
  private KeyRange rest;
  private Iterator<LogEntry> page = List.<LogEntry>of().iterator();
  private boolean isLastPage;

  private EntryPages(PageReader entries, KeyRange range) {
    this.entries = entries;
    this.rest = range;
  }

  static List<LogDigest> digests(PageReader entries, KeyRange range, long bucketSeconds) {
    NavigableMap<Long, LogDigest> buckets = new TreeMap<>();
    new EntryPages(entries, range)
        .forEachRemaining(
            entry -> {
              long second = entry.key().epochSecond() - range.after().epochSecond();
              long bucket = second / bucketSeconds;
              if (entry.status() != EntryStatus.RETRACTED) {
                buckets.merge(bucket, LogDigest.of(bucket, entry), LogDigest::plus);
              }
            });
    return List.copyOf(buckets.values());
  }

  static List<LogDigest> digests(PageReader entries, List<KeyRange> ranges) {
    List<LogDigest> digests = new ArrayList<>();
    for (KeyRange range : ranges) {
      LogDigest digest = LogDigest.empty(digests.size());
      EntryPages pages = new EntryPages(entries, range);
      while (pages.hasNext()) {
        digest = digest.plus(LogDigest.of(digest.bucket(), pages.next()));
      }
      digests.add(digest);
    }
    return digests;
  }

  static Optional<TradeKey> firstProcessed(PageReader entries, KeyRange range) {
    EntryPages pages = new EntryPages(entries, range);
    while (pages.hasNext()) {
      LogEntry entry = pages.next();
      if (entry.status() == EntryStatus.PROCESSED) {
        return Optional.of(entry.key());
      }
    }
    return Optional.empty();
  }

  static Optional<TradeKey> first(PageReader entries, KeyRange range) {
    EntryPages pages = new EntryPages(entries, range);
    while (pages.hasNext()) {
      LogEntry entry = pages.next();
      if (entry.status() != EntryStatus.RETRACTED) {
        return Optional.of(entry.key());
      }
    }
    return Optional.empty();
  }

  static Optional<TradeKey> last(PageReader entries, KeyRange range, Predicate<LogEntry> counts) {
    Optional<TradeKey> last = Optional.empty();
    EntryPages pages = new EntryPages(entries, range);
    while (pages.hasNext()) {
      LogEntry entry = pages.next();
      last = counts.test(entry) ? Optional.of(entry.key()) : last;
    }
    return last;
  }

  static long errors(PageReader entries, List<KeyRange> ranges) {
    return digests(entries, ranges).stream().mapToLong(LogDigest::errors).sum();
  }

  static List<TradeKey> retriable(PageReader entries, KeyRange range, int limit) {
    List<TradeKey> keys = new ArrayList<>();
    EntryPages pages = new EntryPages(entries, range);
    while (keys.size() < limit && pages.hasNext()) {
      LogEntry entry = pages.next();
      if (entry.isError() && entry.parked() == null) {
        keys.add(entry.key());
      }
    }
    return keys;
  }

  @Override
  public boolean hasNext() {
    if (!page.hasNext() && !isLastPage && !rest.isEmpty()) {
      List<LogEntry> next = entries.page(List.of(rest), PAGE_SIZE);
      isLastPage = next.size() < PAGE_SIZE;
      page = next.iterator();
      if (!next.isEmpty()) {
        rest = rest.after(next.get(next.size() - 1).key());
      }
    }
    return page.hasNext();
  }

  @Override
  public LogEntry next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return page.next();
  }
}
