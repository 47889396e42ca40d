package io.tradesync.examples.service.settings;

/** A database cannot be used at the start. The message is one line. */
public final class DatabaseStartException extends StartException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message names the setting, the fault and the remedy; contains no secret
   */
  public DatabaseStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
