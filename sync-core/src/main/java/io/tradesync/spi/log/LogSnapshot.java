package io.tradesync.spi.log;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.spi.HeldDigest;
import io.tradesync.spi.KeyFingerprint;
import java.util.List;
import java.util.Optional;

/**
 * One look at what the log says that the sink holds: its processed entries, each with the
 * fingerprint of the content that was written. Failures take no part. All calls, and all reads of
 * the sink through {@link #handle}, see what was committed at one moment. One thread uses it, and
 * only within {@link SyncLog#snapshot}.
 *
 * <p>Every range is one of whole seconds.
 */
public interface LogSnapshot {

  /** Returns the key of the first processed entry of a range. */
  Optional<TradeKey> first(KeyRange range);

  /**
   * Computes digests of the processed entries of a range.
   *
   * @param bucketSeconds the width of a bucket, which begins at a multiple of it since 1970
   * @return the buckets that hold an entry, in any order
   */
  List<HeldDigest> digests(KeyRange range, long bucketSeconds);

  /**
   * Reads the first processed entries of a range.
   *
   * @param range a range whose bounds may be keys
   * @param limit the maximum number of entries; at least 1
   * @return the entries in key order
   */
  List<KeyFingerprint> held(KeyRange range, int limit);

  /** Returns the transaction in which this is read, as {@link LogTransaction#handle} does. */
  Object handle();
}
