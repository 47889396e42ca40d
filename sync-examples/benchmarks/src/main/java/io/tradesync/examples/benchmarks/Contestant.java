package io.tradesync.examples.benchmarks;

/** A way to close a gap of many trades. */
interface Contestant {

  /** The name in the table of results. */
  String name();

  /** Whether a full backlog takes too long, so that the rate is measured on a part. */
  default boolean isSlow() {
    return false;
  }

  /**
   * Creates its tables in the store's empty schema. They are named {@code sync_log}, {@code
   * analytics_trades} and {@code trade_candles}, so that one query verifies all contestants. The
   * time is not measured.
   *
   * @return the work to measure; it is run once
   */
  Attempt prepare(Arena arena, Backlog backlog) throws Exception;

  /** Processes a whole backlog. */
  interface Attempt extends AutoCloseable {

    /** Returns when everything is committed. */
    void run() throws Exception;

    @Override
    default void close() {}
  }
}
