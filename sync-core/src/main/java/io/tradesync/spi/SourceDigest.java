package io.tradesync.spi;

/**
 * The digest of the source's rows in one bucket of seconds.
 *
 * @param bucket the bucket's number within the range that was asked for, from 0
 * @param count how many rows it holds, unreadable ones included
 * @param fingerprints the sum of the trades' fingerprints and of the unreadable rows' hashes,
 *     modulo 2^64
 * @param unreadable how many of the rows are no trades
 */
public record SourceDigest(long bucket, long count, long fingerprints, long unreadable) {

  /** A bucket whose rows are all trades. */
  public SourceDigest(long bucket, long count, long fingerprints) {
    this(bucket, count, fingerprints, 0);
  }
}
