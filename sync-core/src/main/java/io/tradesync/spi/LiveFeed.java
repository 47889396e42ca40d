package io.tradesync.spi;

import java.time.Duration;

/**
 * A channel of new trades: listens, and calls a {@link LiveWriter} when there is something new. The
 * adapters implement it for Redis streams and for Ponder's notifications; users implement it for
 * channels of their own.
 *
 * <p><b>Contract.</b>
 *
 * <ul>
 *   <li>{@link #prepare} fixes the position from which {@link #start} delivers. A run between the
 *       two leaves no trade out.
 *   <li>A feed delivers each message at least once. The live writer ensures that no trade counts
 *       twice.
 *   <li>A feed survives an outage of its channel or of the live writer without help: it keeps
 *       trying until it is closed, and {@link #health} says why it is down.
 *   <li>When the channel lost data, or may have, the feed calls {@link LiveWriter#requestRun}.
 * </ul>
 *
 * <p>All methods are thread-safe.
 */
public interface LiveFeed extends AutoCloseable {

  /** How long {@link #close()} waits at most. */
  Duration DEFAULT_CLOSE_TIMEOUT = Duration.ofSeconds(10);

  /** Fixes the position from which to deliver, unless it is fixed already. */
  default void prepare() {}

  /**
   * Begins to deliver, on threads of the feed's own. Calls {@link #prepare} first if it was never
   * called, and does not wait for anything else.
   *
   * @param liveWriter receives the trades and hints; usually an engine
   * @throws IllegalStateException if the feed was started before or is closed
   */
  void start(LiveWriter liveWriter);

  /** The feed's state. Asks no server, so it answers at once also during an outage. */
  FeedHealth health();

  /**
   * Stops the feed: asks its threads to stop, waits for the delivery under way, and interrupts what
   * still runs when the time is over. What was not delivered is delivered after the next start. If
   * one of the feed's own threads calls this method, it does not wait. May be called again; what
   * has not ended a second after the interrupt is left behind, and no further call waits for it.
   *
   * @param timeout how long to wait at most; the method never takes longer. Zero interrupts at once
   */
  void close(Duration timeout);

  /** Stops the feed as {@link #close(Duration)} does, within {@link #DEFAULT_CLOSE_TIMEOUT}. */
  @Override
  default void close() {
    close(DEFAULT_CLOSE_TIMEOUT);
  }
}
