package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** A command that cannot do what it was asked. The message is for the user. */
final class CommandFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final transient @Nullable JsonNode problem;

  CommandFailure(int exitCode, String message, @Nullable JsonNode problem) {
    super(message);
    this.exitCode = exitCode;
    this.problem = problem;
  }

  int exitCode() {
    return exitCode;
  }

  /** The answer of the service; null if there was none. */
  @Nullable JsonNode problem() {
    return problem;
  }
}
