package io.tradesync.spi.log;

import io.tradesync.KeyRange;
import io.tradesync.Keyed;
import io.tradesync.TradeKey;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Computes the answers of {@link LogEntries} and of {@link EntryStore} by reading a range page by
 * page.
 *
 * @param <E> an entry
 */
final class EntryPages<E extends Keyed> implements Iterator<E> {

  private static final int PAGE_SIZE = 1_000;

  /** Reads the first entries of some ranges, as {@link LogEntries#page} does. */
  @FunctionalInterface
  interface PageReader<E> {
    List<E> page(List<KeyRange> ranges, int limit);
  }

  private final PageReader<E> entries;
  private KeyRange rest;
  private Iterator<E> page = List.<E>of().iterator();
  private boolean isLastPage;

  private EntryPages(PageReader<E> entries, KeyRange range) {
    this.entries = entries;
    this.rest = range;
  }

  static List<LogDigest> digests(PageReader<LogEntry> entries, KeyRange range, long bucketSeconds) {
    NavigableMap<Long, LogDigest> buckets = new TreeMap<>();
    new EntryPages<>(entries, range)
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

  static List<LogDigest> digests(PageReader<LogEntry> entries, List<KeyRange> ranges) {
    List<LogDigest> digests = new ArrayList<>();
    for (KeyRange range : ranges) {
      LogDigest digest = LogDigest.empty(digests.size());
      EntryPages<LogEntry> pages = new EntryPages<>(entries, range);
      while (pages.hasNext()) {
        digest = digest.plus(LogDigest.of(digest.bucket(), pages.next()));
      }
      digests.add(digest);
    }
    return digests;
  }

  static Optional<TradeKey> firstProcessed(PageReader<LogEntry> entries, KeyRange range) {
    EntryPages<LogEntry> pages = new EntryPages<>(entries, range);
    while (pages.hasNext()) {
      LogEntry entry = pages.next();
      if (entry.status() == EntryStatus.PROCESSED) {
        return Optional.of(entry.key());
      }
    }
    return Optional.empty();
  }

  static Optional<TradeKey> first(PageReader<LogEntry> entries, KeyRange range) {
    EntryPages<LogEntry> pages = new EntryPages<>(entries, range);
    while (pages.hasNext()) {
      LogEntry entry = pages.next();
      if (entry.status() != EntryStatus.RETRACTED) {
        return Optional.of(entry.key());
      }
    }
    return Optional.empty();
  }

  static Optional<TradeKey> last(
      PageReader<LogEntry> entries, KeyRange range, Predicate<LogEntry> counts) {
    Optional<TradeKey> last = Optional.empty();
    EntryPages<LogEntry> pages = new EntryPages<>(entries, range);
    while (pages.hasNext()) {
      LogEntry entry = pages.next();
      last = counts.test(entry) ? Optional.of(entry.key()) : last;
    }
    return last;
  }

  static long errors(PageReader<LogEntry> entries, List<KeyRange> ranges) {
    return digests(entries, ranges).stream().mapToLong(LogDigest::errors).sum();
  }

  static long accepted(PageReader<LogEntry> entries, List<KeyRange> ranges) {
    return digests(entries, ranges).stream().mapToLong(LogDigest::accepted).sum();
  }

  static List<TradeKey> retriable(PageReader<LogEntry> entries, KeyRange range, int limit) {
    return select(entries, List.of(range), LogEntry::isRetriable, limit).stream()
        .map(LogEntry::key)
        .toList();
  }

  /** Returns the first entries of some ranges that match, in key order. */
  static <E extends Keyed> List<E> select(
      PageReader<E> entries, List<KeyRange> ranges, Predicate<E> matches, int limit) {
    List<E> selected = new ArrayList<>();
    for (KeyRange range : ranges) {
      EntryPages<E> pages = new EntryPages<>(entries, range);
      while (selected.size() < limit && pages.hasNext()) {
        E entry = pages.next();
        if (matches.test(entry)) {
          selected.add(entry);
        }
      }
    }
    return selected;
  }

  @Override
  public boolean hasNext() {
    if (!page.hasNext() && !isLastPage && !rest.isEmpty()) {
      List<E> next = entries.page(List.of(rest), PAGE_SIZE);
      isLastPage = next.size() < PAGE_SIZE;
      page = next.iterator();
      if (!next.isEmpty()) {
        rest = rest.after(next.get(next.size() - 1).key());
      }
    }
    return page.hasNext();
  }

  @Override
  public E next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return page.next();
  }
}
