package io.tradesync.examples.service.settings;

import org.jspecify.annotations.Nullable;

/** The service cannot start, for a reason that its user can remove. The message is one line. */
public class StartException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message names the setting, the fault and the remedy; contains no secret
   */
  public StartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
