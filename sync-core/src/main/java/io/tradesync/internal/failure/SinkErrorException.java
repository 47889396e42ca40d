package io.tradesync.internal.failure;

/**
 * A failure of the sink that would mean something else to the engine: no exception, such as a
 * StackOverflowError, or an exception that the engine throws for settings of its own.
 */
public final class SinkErrorException extends Exception {

  private static final long serialVersionUID = 1L;

  public SinkErrorException(Throwable error) {
    super(FailureText.reason(error), error);
  }
}
