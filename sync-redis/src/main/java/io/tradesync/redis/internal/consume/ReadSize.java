package io.tradesync.redis.internal.consume;

/**
 * How many entries to ask for in one read, so that a read holds about a set number of bytes.
 * Follows the size of the entries that were read last. Used by one thread.
 */
final class ReadSize {

  private static final long TARGET_BYTES = 8L << 20;

  private static final int FIRST = 100;

  private final int max;
  private int count;
  private boolean limitedByBytes;

  ReadSize(int max) {
    this.max = max;
    this.count = Math.min(max, FIRST);
  }

  /** The number of entries to ask for now. */
  int count() {
    return count;
  }

  /** Whether the size of the entries allows fewer of them than the user wants in one read. */
  boolean isLimitedByBytes() {
    return limitedByBytes;
  }

  /** Tells how many entries came, and how many bytes they had together. */
  void read(int entries, long bytes) {
    if (entries == 0) {
      return;
    }
    long wanted = Math.max(1, TARGET_BYTES * entries / Math.max(1, bytes));
    limitedByBytes = wanted < max;
    count = (int) Math.min(Math.min(wanted, max), Math.max(1, 2L * count));
  }
}
