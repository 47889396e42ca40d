package io.tradesync.jdbc.internal.sink;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Which candle: a pool of a chain, and a stretch of time.
 *
 * @param chainId the chain
 * @param poolId the pool on that chain
 * @param seconds the length
 * @param startEpochSecond the first second; a multiple of the length
 */
record CandleKey(long chainId, String poolId, int seconds, long startEpochSecond)
    implements Comparable<CandleKey> {

  private static final Comparator<CandleKey> ORDER =
      Comparator.comparingLong(CandleKey::chainId)
          .thenComparing(
              bucket -> bucket.poolId.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned)
          .thenComparingInt(CandleKey::seconds)
          .thenComparingLong(CandleKey::startEpochSecond);

  static CandleKey at(long chainId, String poolId, int seconds, long epochSecond) {
    return new CandleKey(chainId, poolId, seconds, Math.floorDiv(epochSecond, seconds) * seconds);
  }

  /** The bucket of a multiple of this one's length that this one is a part of. */
  CandleKey longer(int multiple) {
    return at(chainId, poolId, multiple, startEpochSecond);
  }

  /** The order in which candles are locked, that of the table's key. */
  @Override
  public int compareTo(CandleKey other) {
    return ORDER.compare(this, other);
  }
}
