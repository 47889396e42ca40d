package io.tradesync.spi.log;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeSource;
import java.util.List;
import java.util.Optional;

/**
 * Reads what a log holds of single trades: one entry a key. Lists are in key order, as in {@link
 * TradeSource}. Used by many threads at once.
 *
 * <p>{@link #page} and {@link #find} are required. The other methods have defaults that read the
 * whole range page by page. The answers are right and the cost is that of the range, not of the
 * gap: implement them where the data is as soon as a log holds more than some 100,000 entries.
 */
public interface LogEntries {

  /**
   * Reads entries of any status.
   *
   * @param ranges ranges in key order that do not overlap
   * @param limit the largest number of entries to return; at least 1
   * @return the first entries over all ranges in key order; fewer than {@code limit} only if the
   *     ranges hold no more
   */
  List<LogEntry> page(List<KeyRange> ranges, int limit);

  /**
   * Looks entries up by key.
   *
   * @param keys keys in key order, each once
   * @return the entries that exist, of any status, in key order
   */
  List<LogEntry> find(List<TradeKey> keys);

  /**
   * Computes the digests of a range in buckets of equal width, numbered as in {@link
   * TradeSource#digests(KeyRange, long)}.
   *
   * <p>Every entry that is in the range before and after the call, and is not changed meanwhile,
   * counts. An entry that is changed meanwhile may count as before or as after, or not at all: the
   * engine reads a bucket that differs again.
   *
   * @param range the range; its bounds are true seconds
   * @param bucketSeconds the width of a bucket, in seconds; at least 1
   * @return the buckets that hold a processed or failed entry, by number
   */
  default List<LogDigest> digests(KeyRange range, long bucketSeconds) {
    return EntryPages.digests(this::page, range, bucketSeconds);
  }

  /**
   * Computes the digests of ranges, each as a whole.
   *
   * @param ranges ranges in key order that do not overlap
   * @return one digest a range, in the same order; its bucket is the range's place, from 0
   */
  default List<LogDigest> digests(List<KeyRange> ranges) {
    return EntryPages.digests(this::page, ranges);
  }

  /**
   * Counts the entries that {@linkplain LogEntry#isError() count as failed}, without the
   * {@linkplain LogDigest#accepted() accepted} ones.
   *
   * @param ranges ranges in key order that do not overlap
   */
  default long errors(List<KeyRange> ranges) {
    return EntryPages.errors(this::page, ranges);
  }

  /**
   * Counts the entries whose failure is {@linkplain LogDigest#accepted() accepted}.
   *
   * @param ranges ranges in key order that do not overlap
   */
  default long accepted(List<KeyRange> ranges) {
    return EntryPages.accepted(this::page, ranges);
  }

  /**
   * Lists the entries that {@linkplain LogEntry#isRetriable() are tried again}.
   *
   * @param limit the largest number of keys to return; at least 1
   * @return the first keys of the range, in key order
   */
  default List<TradeKey> retriable(KeyRange range, int limit) {
    return EntryPages.retriable(this::page, range, limit);
  }

  /** Returns the smallest key of a processed or failed entry in a range; empty if none is there. */
  default Optional<TradeKey> first(KeyRange range) {
    return EntryPages.first(this::page, range);
  }

  /** Returns the smallest key of a processed entry in a range; empty if none is there. */
  default Optional<TradeKey> firstProcessed(KeyRange range) {
    return EntryPages.firstProcessed(this::page, range);
  }

  /** Returns the largest key of a processed or failed entry in a range; empty if none is there. */
  default Optional<TradeKey> last(KeyRange range) {
    return EntryPages.last(this::page, range, entry -> entry.status() != EntryStatus.RETRACTED);
  }

  /** Returns the largest key of a processed entry in a range; empty if none is there. */
  default Optional<TradeKey> lastProcessed(KeyRange range) {
    return EntryPages.last(this::page, range, entry -> entry.status() == EntryStatus.PROCESSED);
  }

  /**
   * Lists what is perhaps in a sink outside the log's transaction: the unanswered hand-outs. By
   * default none, for a log that does not record them.
   *
   * @param ranges ranges in key order that do not overlap
   * @param limit the largest number of hand-outs to return; at least 1
   * @return the first hand-outs, in key order
   */
  default List<HandOut> handOuts(List<KeyRange> ranges, int limit) {
    return List.of();
  }

  /** Returns the largest key of a hand-out in a range; empty if none is there. */
  default Optional<TradeKey> lastHandOut(KeyRange range) {
    return Optional.empty();
  }
}
