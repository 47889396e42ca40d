package io.tradesync.spi.log;

import io.tradesync.FailedTrade;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeSource;
import java.util.List;
import java.util.Optional;

/**
 * What a log knows of single trades; one entry a key. Lists are in key order, as in {@link
 * TradeSource}.
 */
public interface LogEntries {

  /**
   * Reads entries of any status.
   *
   * @param ranges ranges in key order that do not overlap
   * @param limit how many entries at most; at least 1
   * @return the first entries over all ranges in key order; fewer than {@code limit} only if the
   *     ranges hold no more
   */
  List<LogEntry> page(List<KeyRange> ranges, int limit);

  /**
   * Digests a range in buckets of equal width, numbered as in {@link TradeSource#digests}.
   *
   * @param range the range; its bounds are true seconds
   * @param bucketSeconds the width of a bucket, in seconds; at least 1
   * @return the buckets that hold a processed or failed entry, by number, from one look at the log
   */
  List<LogDigest> digests(KeyRange range, long bucketSeconds);

  /**
   * Digests ranges, each as a whole.
   *
   * @param ranges ranges in key order that do not overlap
   * @return one digest a range, in the same order; its bucket is the range's place, from 0
   */
  List<LogDigest> digests(List<KeyRange> ranges);

  /**
   * The smallest key of a processed or failed entry.
   *
   * @param range the range
   * @return the key, or empty if there is none
   */
  Optional<TradeKey> first(KeyRange range);

  /**
   * The largest key of a processed or failed entry.
   *
   * @param range the range
   * @return the key, or empty if there is none
   */
  Optional<TradeKey> last(KeyRange range);

  /**
   * The largest key of a processed entry.
   *
   * @param range the range
   * @return the key, or empty if there is none
   */
  Optional<TradeKey> lastProcessed(KeyRange range);

  /**
   * Looks entries up.
   *
   * @param keys keys in key order, each once
   * @return the entries that exist, of any status, in key order
   */
  List<LogEntry> find(List<TradeKey> keys);

  /**
   * Marks trades as failed and counts the attempt. An entry that is processed with the content that
   * failed stays as it is; one that is processed with other content, or could not be retracted,
   * stays processed and takes the reason along. A trade that failed on its own content in so many
   * runs is parked; the count begins anew when it is processed, retracted or released, and with
   * other content.
   *
   * @param failures what failed, in key order, each key once
   * @param runId the run, empty for the live path, which counts towards no parking
   * @param parkAfter in how many runs; at least 1
   */
  void markFailed(List<TradeFailure> failures, String runId, int parkAfter);

  /**
   * Lets runs try parked trades again.
   *
   * @param range where
   * @return how many were parked
   */
  long releaseParked(KeyRange range);

  /**
   * Lists failed trades.
   *
   * @param after the key after which to begin; {@link TradeKey#MIN} for the first ones
   * @param limit how many at most; at least 1
   * @return the entries with status {@link EntryStatus#ERROR}, and the processed ones that could
   *     not be replaced or retracted
   */
  List<FailedTrade> failed(TradeKey after, int limit);
}
