package io.tradesync.spi.log;

/** Reads as of one moment; see {@link SyncLog#snapshot}. */
@FunctionalInterface
public interface SnapshotWork<R> {

  /**
   * Reads.
   *
   * @param snapshot must not be kept
   * @throws Exception if it cannot be read
   */
  R apply(LogSnapshot snapshot) throws Exception;
}
