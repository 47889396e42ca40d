package io.tradesync.examples.benchmarks;

/** A way to close a gap of many trades. */
interface Contestant {

  /** What it is called in the table of results. */
  String name();

  /** Whether it would take too long on a full backlog, so that its rate on a part has to do. */
  default boolean isSlow() {
    return false;
  }

  /**
   * Makes its tables in the store's empty schema: {@code sync_log}, {@code analytics_trades} and
   * {@code trade_candles}, so named that one query verifies all contestants. Not measured.
   *
   * @return what is to be measured, once
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
