package io.tradesync.spi.log;

/**
 * The digest of the log's entries in one bucket of seconds. Retracted entries count nowhere.
 *
 * @param bucket the bucket's number within the range that was asked for, from 0
 * @param processed how many processed entries it holds
 * @param fingerprints the sum of the processed entries' fingerprints modulo 2^64
 * @param errors how many failed entries it holds
 */
public record LogDigest(long bucket, long processed, long fingerprints, long errors) {

  /**
   * Adds the digest of other entries of the same bucket.
   *
   * @param other the other digest
   * @return the digest of both, with this one's number
   */
  public LogDigest plus(LogDigest other) {
    return new LogDigest(
        bucket,
        processed + other.processed,
        fingerprints + other.fingerprints,
        errors + other.errors);
  }
}
