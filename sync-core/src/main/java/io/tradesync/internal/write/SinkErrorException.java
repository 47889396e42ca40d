package io.tradesync.internal.write;

import io.tradesync.internal.failure.FailureText;

/**
 * A failure of the sink that would mean something else to the engine: no exception, such as a
 * StackOverflowError, or an exception that the engine throws for settings of its own.
 */
final class SinkErrorException extends Exception {

  private static final long serialVersionUID = 1L;

  SinkErrorException(Throwable error) {
    super(FailureText.reason(error), error);
  }
}
