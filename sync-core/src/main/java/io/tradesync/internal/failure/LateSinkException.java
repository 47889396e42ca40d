package io.tradesync.internal.failure;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A sink needed longer than it may, and returned after it was interrupted. */
public final class LateSinkException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * Describes the failure.
   *
   * @param limit how long the sink may take
   * @param cause what the sink threw after the interrupt; null if it returned
   */
  public LateSinkException(Duration limit, @Nullable Throwable cause) {
    super("the sink did not return within " + limit + " (sinkTimeout) and was interrupted", cause);
  }
}
