package io.tradesync.spi;

import io.tradesync.TradesyncException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a sink that cannot be used at all now, for a reason that trying again does not remove:
 * an expired token, a service that is switched off. The run ends at once and marks no trade as
 * failed; the live path throws {@link io.tradesync.SideUnavailableException} for {@link
 * io.tradesync.Side#SINK}. The next run continues with the same trades.
 */
public final class SinkUnavailableException extends TradesyncException {

  private static final long serialVersionUID = 1L;

  /**
   * Says why.
   *
   * @param reason the message of the run, after "the sink is not available: "; without secrets
   */
  public SinkUnavailableException(String reason) {
    super(reason);
  }

  /**
   * Says why, with a cause.
   *
   * @param reason the message of the run, after "the sink is not available: "; without secrets
   */
  public SinkUnavailableException(String reason, @Nullable Throwable cause) {
    super(reason, cause);
  }
}
