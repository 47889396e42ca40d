package io.tradesync.spi;

/**
 * A live path: something that listens and calls a {@link LiveWriter} when there is news.
 * Implemented by the consumers of this library and by users with a channel of their own.
 *
 * <p><b>Contract.</b> {@link #prepare} fixes the position from which {@link #start} will deliver,
 * so that a gap closed from the database between the two leaves nothing out. Delivery is at least
 * once; the liveWriter sees to it that nothing counts twice. An outage of the channel is survived
 * without help and reported by nothing worse than a delay; what the channel lost, or may have lost,
 * is answered with {@link LiveWriter#requestRun}. All methods are thread-safe.
 */
public interface LiveFeed extends AutoCloseable {

  /** Fixes the position from which to deliver, unless it is fixed already. */
  default void prepare() {}

  /**
   * Begins to deliver, on threads of its own; returns at once.
   *
   * @param liveWriter where to deliver
   * @throws IllegalStateException if it was started before
   */
  void start(LiveWriter liveWriter);

  /** Stops; waits for a delivery under way. Can be called twice. */
  @Override
  void close();
}
