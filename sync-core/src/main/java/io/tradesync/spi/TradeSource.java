package io.tradesync.spi;

import io.tradesync.KeyRange;
import io.tradesync.Keyed;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where the trades come from; only ever read. Implement it to read trades from a place of your own.
 * Two methods are enough; the others are faster ways to the same answers.
 *
 * <p><b>Contract.</b> Many threads call a source at once. Every call sees the source as it is at
 * that moment; two calls need not see the same. No call leaves anything open at the source: no
 * transaction, no cursor, no lock. Lists are in key order ({@link TradeKey#compareTo}). A source
 * that cannot be reached throws {@link io.tradesync.SideUnavailableException#unreachable}. A source
 * that needs longer than it allows itself for a request throws {@link
 * io.tradesync.SideUnavailableException#tooSlow}; the engine then asks for a smaller range. Rows
 * without a timestamp have no key and are in no range.
 *
 * <p><b>Rows that are no trades.</b> A row that has a key and that no trade can hold (a number that
 * is not finite, a null where a value must be) is returned beside the trades, as an {@link
 * UnreadableRow}. It is in every range, page, digest and count as a trade is, and never an error of
 * the whole request. A source that cannot hold such rows has nothing to do. A key is in an answer
 * as often as the source holds it: the engine reports a key, or an id, that the source holds twice.
 *
 * <p>The engine checks every page ({@link CheckedTradeSource}) and ends a run with an error if one
 * breaks these rules. {@code TradeSourceContract} in the test kit has them as tests.
 */
public interface TradeSource {

  /** The largest limit that the engine asks for. A page may always hold fewer rows. */
  int MAX_LIMIT = 100_000;

  /**
   * Reads the first trades of a range.
   *
   * @param limit the maximum number of rows, from 1 to {@link #MAX_LIMIT}
   * @return the range's first rows in key order; {@linkplain SourcePage#last last} if the range
   *     holds no further one
   */
  SourcePage<Trade> page(KeyRange range, int limit);

  /**
   * Reads the first trades of several ranges. By default the ranges are read one after the other.
   *
   * @param ranges ranges in key order that do not overlap
   * @param limit the maximum number of rows over all ranges, from 1 to {@link #MAX_LIMIT}
   * @return the first rows over all ranges in key order; {@linkplain SourcePage#last last} if the
   *     ranges hold no further one
   */
  default SourcePage<Trade> page(List<KeyRange> ranges, int limit) {
    List<Trade> trades = new ArrayList<>();
    List<UnreadableRow> unreadable = new ArrayList<>();
    for (KeyRange range : ranges) {
      if (range.isEmpty()) {
        continue;
      }
      int left = limit - trades.size() - unreadable.size();
      if (left == 0) {
        return SourcePage.notLast(trades, unreadable);
      }
      SourcePage<Trade> page = page(range, left);
      trades.addAll(page.rows());
      unreadable.addAll(page.unreadable());
      if (!page.isLast()) {
        return SourcePage.notLast(trades, unreadable);
      }
    }
    return SourcePage.last(trades, unreadable);
  }

  /**
   * Reads trades by id, wherever they are in the key order.
   *
   * <p>A source may bound the size of its answers. If the rows of several ids are more than that,
   * it answers with any page that is {@linkplain SourcePage#notLast not the last}; the engine then
   * throws this page away and asks for fewer ids. All rows of a single id are always one answer.
   *
   * @return the rows that exist, each once, in key order, and the {@linkplain
   *     SourcePage#idsOutsideKeyOrder ids} of rows outside the key order
   */
  SourcePage<Trade> byIds(Collection<String> ids);

  /**
   * Prepares the source. The engine calls this once, when it is built. Checks everything that can
   * be checked beforehand: addresses, rights, columns and their types.
   *
   * @throws io.tradesync.InvalidSettingException if a setting is wrong; names it
   */
  default void prepare() {}

  /**
   * Returns normally if the source answers; asks for as little as possible.
   *
   * @throws Exception if the source does not answer
   */
  default void probe() throws Exception {
    page(KeyRange.all(), 1);
  }

  /**
   * Classifies a failure that only this source understands.
   *
   * @param failure any exception that a request or a write threw
   * @return the failure's kind, or empty if this source cannot tell
   */
  default Optional<FailureKind> classify(Throwable failure) {
    return Optional.empty();
  }

  /** Returns the smallest key of a range, or empty if the range holds no trade. */
  default Optional<TradeKey> first(KeyRange range) {
    return page(range, 1).end();
  }

  /**
   * Returns the largest key of a range, or empty if the range holds no trade. By default the range
   * is read from its start to its end.
   */
  default Optional<TradeKey> last(KeyRange range) {
    TradeKey last = null;
    for (Keyed row : new SourcePages(this, range)) {
      last = row.key();
    }
    return Optional.ofNullable(last);
  }

  /** Counts the rows of a range. By default they are read. */
  default long count(KeyRange range) {
    long count = 0;
    for (Keyed ignored : new SourcePages(this, range)) {
      count++;
    }
    return count;
  }

  /**
   * Returns the names of the attributes that every trade of this source has, in their order. Must
   * always return the same.
   *
   * @return the names, none if the trades have no attributes; by default empty, which means that
   *     they are not known, so that an audit does not prove what the sink holds
   */
  default Optional<List<String>> attributeNames() {
    return Optional.empty();
  }

  /**
   * Computes the digests of a range in buckets of equal width. Bucket 0 begins at the second {@code
   * range.after().epochSecond()}; the first and the last bucket hold only keys of the range. By
   * default the range is read.
   *
   * @param range a range whose bounds are real seconds, not {@link TradeKey#MIN} or {@link
   *     TradeKey#MAX}
   * @param bucketSeconds the width of a bucket in seconds; at least 1
   * @return the buckets that hold a row, by number, all as of the same moment
   */
  default List<SourceDigest> digests(KeyRange range, long bucketSeconds) {
    Map<Long, SourceDigest> buckets = new TreeMap<>();
    for (Keyed row : new SourcePages(this, range)) {
      long bucket = (row.key().epochSecond() - range.after().epochSecond()) / bucketSeconds;
      buckets.merge(bucket, SourcePages.digest(bucket, row), SourcePages::sum);
    }
    return List.copyOf(buckets.values());
  }

  /**
   * Computes the digests of several ranges, each as a whole. By default the ranges are read.
   *
   * @param ranges ranges in key order that do not overlap
   * @return one digest a range, in the same order; its bucket is the range's index, from 0
   */
  default List<SourceDigest> digests(List<KeyRange> ranges) {
    List<SourceDigest> digests = new ArrayList<>();
    for (KeyRange range : ranges) {
      SourceDigest digest = new SourceDigest(digests.size(), 0, 0);
      for (Keyed row : new SourcePages(this, range)) {
        digest = SourcePages.sum(digest, SourcePages.digest(digest.bucket(), row));
      }
      digests.add(digest);
    }
    return digests;
  }

  /**
   * Reads keys and fingerprints of several ranges. By default whole trades are read.
   *
   * @param ranges ranges in key order that do not overlap
   * @param limit the maximum number of rows over all ranges, from 1 to {@link #MAX_LIMIT}
   * @return the first keys over all ranges in key order; {@linkplain SourcePage#last last} if the
   *     ranges hold no further one
   */
  default SourcePage<KeyFingerprint> keys(List<KeyRange> ranges, int limit) {
    return page(ranges, limit).map(KeyFingerprint::of);
  }

  /**
   * Adds the symbols and decimals of the pools to trades that came from elsewhere, such as a
   * stream. They are no part of a trade's content, so no later comparison would add them.
   *
   * @param trades whole trades, in any order
   * @return the same trades in the same order; by default unchanged
   */
  default List<Trade> withPools(List<Trade> trades) {
    return trades;
  }

  /**
   * Counts the rows that have no key, because their timestamp is null or no clock means it, or
   * their id is null, empty or too long. No run can process them. Returns 0 if the source cannot
   * hold such rows.
   */
  default long countWithoutKey() {
    return 0;
  }

  /**
   * Lists rows outside the key order, as {@link #countWithoutKey} counts them. By default none.
   *
   * @param limit the maximum number of rows; at least 1
   * @return some of the rows, in no particular order
   */
  default List<OutsideRow> outsideKeyOrder(int limit) {
    return List.of();
  }

  /**
   * Returns which trades the source says are final now, or empty if the source does not say: the
   * engine then decides by the trades' age.
   */
  default Optional<Finality> finality() {
    return Optional.empty();
  }

  /**
   * Returns a source that holds the trades of some chains and pools of this one, and nothing else.
   * By default every row is read, and those of other pools are left out, which costs as much as to
   * read them all: override this for a source that finds the rows of a pool by itself. Whether a
   * row that is no trade belongs to a pool is not known then, so that all such rows are kept.
   *
   * @throws io.tradesync.InvalidSettingException if this source is such a part itself, and the
   *     selection names a chain or a pool outside of it
   */
  default TradeSource only(TradeSelection selection) {
    return selection.isAll() ? this : new SelectedTrades(this, selection);
  }
}
