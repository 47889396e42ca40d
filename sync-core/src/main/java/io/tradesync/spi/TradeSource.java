package io.tradesync.spi;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where the trades come from; only ever read. Implemented by whoever keeps trades somewhere; two
 * methods are enough, the others are faster ways to the same answers.
 *
 * <p><b>Contract.</b> Called by many threads at once. Every call sees the source as it is at that
 * moment; two calls need not see the same. No call leaves anything open at the source behind it: no
 * transaction, no cursor, no lock. Lists are in key order ({@link TradeKey#compareTo}), without a
 * key twice. A source that cannot be reached throws {@link
 * io.tradesync.SideUnavailableException#unreachable}; one that needs longer than it allows itself
 * for a request throws {@link io.tradesync.SideUnavailableException#tooSlow}, and is then asked for
 * a smaller range. Rows without a timestamp have no key and appear in no range.
 */
public interface TradeSource {

  /**
   * Reads the first trades of a range.
   *
   * @param range the range
   * @param limit how many trades at most; at least 1
   * @return the range's first trades in key order; fewer than {@code limit} only if the range holds
   *     no more
   */
  List<Trade> page(KeyRange range, int limit);

  /**
   * Reads the first trades of some ranges. By default they are read one after the other.
   *
   * @param ranges ranges in key order that do not overlap
   * @param limit how many trades at most; at least 1
   * @return the first trades over all ranges in key order; fewer than {@code limit} only if the
   *     ranges hold no more
   */
  default List<Trade> page(List<KeyRange> ranges, int limit) {
    List<Trade> trades = new ArrayList<>();
    for (KeyRange range : ranges) {
      if (trades.size() == limit) {
        break;
      }
      trades.addAll(page(range, limit - trades.size()));
    }
    return trades;
  }

  /**
   * Reads trades by id.
   *
   * @param ids the ids
   * @return the trades that exist, each once, in key order
   */
  List<Trade> byIds(Collection<String> ids);

  /**
   * Makes ready; called once, when an engine is built. Checks all that can be checked beforehand:
   * addresses, rights, columns and their types.
   *
   * @throws io.tradesync.InvalidSettingException if a setting is wrong; names it
   */
  default void prepare() {}

  /**
   * Tells whether the source answers; asks for as little as possible.
   *
   * @throws Exception if it does not
   */
  default void probe() throws Exception {
    page(KeyRange.all(), 1);
  }

  /**
   * Sorts a failure that only this source understands.
   *
   * @param failure what was thrown
   * @return its kind, or empty if this source cannot tell
   */
  default Optional<FailureKind> classify(Throwable failure) {
    return Optional.empty();
  }

  /**
   * The smallest key of a range.
   *
   * @param range the range
   * @return the key of its first trade, or empty if it holds none
   */
  default Optional<TradeKey> first(KeyRange range) {
    return page(range, 1).stream().map(Trade::key).findFirst();
  }

  /**
   * The largest key of a range. By default the range is read from its start to its end.
   *
   * @param range the range
   * @return the key of its last trade, or empty if it holds none
   */
  default Optional<TradeKey> last(KeyRange range) {
    TradeKey last = null;
    for (Trade trade : new SourcePages(this, range)) {
      last = trade.key();
    }
    return Optional.ofNullable(last);
  }

  /**
   * Counts the trades of a range. By default they are read.
   *
   * @param range the range
   * @return how many it holds
   */
  default long count(KeyRange range) {
    long count = 0;
    for (Trade ignored : new SourcePages(this, range)) {
      count++;
    }
    return count;
  }

  /**
   * Digests a range in buckets of equal width. Bucket 0 begins at the first second of which a trade
   * can be in the range, {@code range.after().epochSecond()}; the range cuts its first and its last
   * bucket off. By default the range is read.
   *
   * @param range the range; its bounds are true seconds, not {@link TradeKey#MIN} or {@link
   *     TradeKey#MAX}
   * @param bucketSeconds the width of a bucket, in seconds; at least 1
   * @return the buckets that hold a trade, by number, all from one look at the source
   */
  default List<SourceDigest> digests(KeyRange range, long bucketSeconds) {
    Map<Long, SourceDigest> buckets = new TreeMap<>();
    for (Trade trade : new SourcePages(this, range)) {
      long bucket = (trade.epochSecond() - range.after().epochSecond()) / bucketSeconds;
      buckets.merge(
          bucket,
          new SourceDigest(bucket, 1, trade.fingerprint()),
          (a, b) ->
              new SourceDigest(bucket, a.count() + b.count(), a.fingerprints() + b.fingerprints()));
    }
    return List.copyOf(buckets.values());
  }

  /**
   * Digests ranges, each as a whole. By default they are read one after the other.
   *
   * @param ranges ranges in key order that do not overlap
   * @return one digest a range, in the same order, also for one that holds no trade; its bucket is
   *     the range's place, from 0
   */
  default List<SourceDigest> digests(List<KeyRange> ranges) {
    List<SourceDigest> digests = new ArrayList<>();
    for (KeyRange range : ranges) {
      long count = 0;
      long fingerprints = 0;
      for (Trade trade : new SourcePages(this, range)) {
        count++;
        fingerprints += trade.fingerprint();
      }
      digests.add(new SourceDigest(digests.size(), count, fingerprints));
    }
    return digests;
  }

  /**
   * Reads keys and fingerprints of some ranges. By default whole trades are read.
   *
   * @param ranges ranges in key order that do not overlap
   * @param limit how many keys at most; at least 1
   * @return the first keys over all ranges in key order; fewer than {@code limit} only if the
   *     ranges hold no more
   */
  default List<KeyFingerprint> keys(List<KeyRange> ranges, int limit) {
    return page(ranges, limit).stream().map(KeyFingerprint::of).toList();
  }

  /**
   * Adds what this source knows of the pools of trades that came from elsewhere, such as a stream:
   * symbols and decimals. They are no part of a trade's content, so no later comparison would.
   *
   * @param trades whole trades, in any order
   * @return the same trades in the same order; by default just as they came
   */
  default List<Trade> withPools(List<Trade> trades) {
    return trades;
  }

  /**
   * Counts the rows that have no key, because their timestamp is null or their id is empty: no run
   * can process them.
   *
   * @return how many there are; 0 where the source cannot hold such rows
   */
  default long countWithoutKey() {
    return 0;
  }

  /**
   * The time up to which the source says that no reorganisation can touch its trades any more.
   *
   * @return seconds since 1970-01-01T00:00:00Z, {@link Long#MIN_VALUE} if nothing is final now; or
   *     empty if the source does not tell: then the engine judges by the trades' age
   */
  default Optional<Long> finalizedThrough() {
    return Optional.empty();
  }
}
