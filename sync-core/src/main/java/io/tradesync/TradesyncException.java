package io.tradesync;

import org.jspecify.annotations.Nullable;

/** The root of everything that this library throws of its own accord. */
public class TradesyncException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message what went wrong and what to do; without secrets
   */
  public TradesyncException(String message) {
    super(message);
  }

  /**
   * Makes an exception with a cause.
   *
   * @param message what went wrong and what to do; without secrets
   * @param cause what it came from, or null
   */
  public TradesyncException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
