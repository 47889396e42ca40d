package io.tradesync.spi;

/**
 * The digest of what one side of the store, the log or the sink, holds in a bucket.
 *
 * @param startEpochSecond the second at which the bucket begins
 * @param trades the number of trades
 * @param fingerprints the sum of their fingerprints, modulo 2^64
 * @param unsound the number of rows with a value that does not follow from the others, such as a
 *     volume that is not price times quantity; always 0 of the log
 */
public record HeldDigest(long startEpochSecond, long trades, long fingerprints, long unsound) {

  /** Returns the digest of a bucket that holds nothing. */
  public static HeldDigest empty(long startEpochSecond) {
    return new HeldDigest(startEpochSecond, 0, 0, 0);
  }
}
