package io.tradesync.spi.log;

/**
 * The digest of the log's entries in one bucket of seconds. Retracted entries do not count.
 *
 * @param bucket the bucket's number within the range that was asked for, from 0
 * @param processed how many processed entries the bucket holds
 * @param fingerprints the sum of the processed entries' fingerprints modulo 2^64
 * @param errors how many failed entries the bucket holds
 */
public record LogDigest(long bucket, long processed, long fingerprints, long errors) {

  /** Returns the digest of one entry. */
  public static LogDigest of(long bucket, LogEntry entry) {
    return switch (entry.status()) {
      case PROCESSED -> new LogDigest(bucket, 1, entry.fingerprint(), 0);
      case ERROR -> new LogDigest(bucket, 0, 0, 1);
      case RETRACTED -> new LogDigest(bucket, 0, 0, 0);
    };
  }

  /** Returns the digest of this one's and of other entries of the same bucket. */
  public LogDigest plus(LogDigest other) {
    return new LogDigest(
        bucket,
        processed + other.processed,
        fingerprints + other.fingerprints,
        errors + other.errors);
  }
}
