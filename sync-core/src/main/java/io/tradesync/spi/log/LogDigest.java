package io.tradesync.spi.log;

/**
 * The digest of the log's entries in one bucket of seconds: what the source held when each entry
 * was processed, or when it failed last. Retracted entries do not count.
 *
 * <p>A processed entry stands for one row with its fingerprint, also if a change of it failed. An
 * entry of which nothing was processed, or whose rows became unreadable, stands for the rows that
 * failed: for one row with the fingerprint that failed, or for {@link
 * LogEntry.Failure#unreadableRows()} rows with that sum of hashes. So two digests are also equal if
 * nothing differs but failures that are known.
 *
 * @param bucket the bucket's number within the range that was asked for, from 0
 * @param processed how many processed entries the bucket holds
 * @param failed how many entries with the status {@link EntryStatus#ERROR} it holds
 * @param rows how many rows of the source the entries stand for
 * @param fingerprints the sum of these rows' fingerprints and hashes, modulo 2^64
 * @param errors how many entries count as failed and are not accepted
 * @param retriable how many of these are {@linkplain LogEntry#isRetriable() tried again}
 * @param accepted how many entries count as failed and stand for rows whose failure is accepted
 */
public record LogDigest(
    long bucket,
    long processed,
    long failed,
    long rows,
    long fingerprints,
    long errors,
    long retriable,
    long accepted) {

  /** A digest without accepted failures. */
  public LogDigest(
      long bucket,
      long processed,
      long failed,
      long rows,
      long fingerprints,
      long errors,
      long retriable) {
    this(bucket, processed, failed, rows, fingerprints, errors, retriable, 0);
  }

  /** Returns the digest of no entries. */
  public static LogDigest empty(long bucket) {
    return ofProcessed(bucket, 0, 0);
  }

  /** Returns the digest of processed entries without a failure. */
  public static LogDigest ofProcessed(long bucket, long processed, long fingerprints) {
    return new LogDigest(bucket, processed, 0, processed, fingerprints, 0, 0);
  }

  /** Returns the digest of one entry. */
  public static LogDigest of(long bucket, LogEntry entry) {
    LogEntry.Failure failure = entry.failure();
    return switch (entry.status()) {
      case RETRACTED -> empty(bucket);
      case PROCESSED ->
          failure == null
              ? ofProcessed(bucket, 1, entry.fingerprint())
              : entry.isOfChange()
                  ? new LogDigest(bucket, 1, 0, 1, entry.fingerprint(), 1, 1)
                  : ofError(bucket, 1, failure);
      case ERROR ->
          failure == null
              ? new LogDigest(bucket, 0, 1, 1, entry.fingerprint(), 1, 1)
              : ofError(bucket, 0, failure);
    };
  }

  private static LogDigest ofError(long bucket, long processed, LogEntry.Failure failure) {
    return new LogDigest(
        bucket,
        processed,
        1 - processed,
        Math.max(1, failure.unreadableRows()),
        failure.fingerprint(),
        failure.accepted() ? 0 : 1,
        failure.parked() ? 0 : 1,
        failure.accepted() ? 1 : 0);
  }

  /** Returns the digest of this one's and of other entries of the same bucket. */
  public LogDigest plus(LogDigest other) {
    return new LogDigest(
        bucket,
        processed + other.processed,
        failed + other.failed,
        rows + other.rows,
        fingerprints + other.fingerprints,
        errors + other.errors,
        retriable + other.retriable,
        accepted + other.accepted);
  }
}
