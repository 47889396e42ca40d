package io.tradesync.internal.write;

import io.tradesync.internal.failure.FailureText;

/** A failure of the sink that is no exception, such as a StackOverflowError. */
final class SinkErrorException extends Exception {

  private static final long serialVersionUID = 1L;

  SinkErrorException(Throwable error) {
    super(FailureText.reason(error), error);
  }
}
