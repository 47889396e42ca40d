package io.tradesync.examples.service.settings;

import org.jspecify.annotations.Nullable;

/** The service cannot start for a reason that its user can remove; the message is one line. */
public final class StartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception.
   *
   * @param message the setting, what is wrong, and what to do; without secrets
   * @param cause what it came from, or null
   */
  public StartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
