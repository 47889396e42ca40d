package io.tradesync.spi;

import io.tradesync.TradesyncException;
import java.time.Duration;
import java.util.Objects;

/**
 * Thrown by a sink that wants to be called again after a while, such as one whose service answered
 * 429 with a Retry-After. The transaction is rolled back, the engine waits outside of it, and then
 * tries the batch again. Such a wait uses up none of the batch's attempts and marks no trade.
 *
 * <p>A batch waits for {@link #MAX_WAIT} in all. If the sink asks for more, the run ends as after a
 * {@link SinkUnavailableException}. A run that is cancelled stops waiting. On the live path the
 * caller's thread waits; an interrupt of it ends the wait.
 */
public final class RetryLaterException extends TradesyncException {

  /** How long a batch waits in all. */
  public static final Duration MAX_WAIT = Duration.ofMinutes(5);

  private static final long serialVersionUID = 1L;

  /** When to try again. */
  private final Duration delay;

  /**
   * Asks to be called again later.
   *
   * @param delay after how long; a tenth of a second is the least that the engine waits
   */
  public RetryLaterException(Duration delay) {
    super("the sink asks to be called again after " + Objects.requireNonNull(delay, "delay"));
    this.delay = delay;
  }

  /** After how long the sink is to be called again. */
  public Duration delay() {
    return delay;
  }
}
