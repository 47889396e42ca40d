package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;

/** How a command ends. */
public final class ExitCode {

  /** Healthy, or done. */
  public static final int OK = 0;

  /** A gap is left, or a run did not succeed. */
  public static final int GAP = 1;

  /** Wrong use, or a wrong setting. */
  public static final int USAGE = 2;

  /** A side, or the service, cannot be reached. */
  public static final int UNREACHABLE = 3;

  /** Another run is under way. */
  public static final int BUSY = 4;

  /** The footer of a command's help. */
  public static final String HELP =
      "Exit codes: 0 healthy or done, 1 a gap is left, 2 wrong use or setting, 3 a side is"
          + " unreachable, 4 another run is under way.";

  private ExitCode() {}

  static int ofHealth(JsonNode health) {
    return health.path("isHealthy").asBoolean() ? OK : GAP;
  }

  static int ofGaps(JsonNode gaps) {
    for (JsonNode count : gaps) {
      if (count.asLong() > 0) {
        return GAP;
      }
    }
    return OK;
  }

  static int ofResult(JsonNode result) {
    return result.path("success").asBoolean() && result.path("errors").asLong() == 0 ? OK : GAP;
  }

  /** The code for an answer that is a problem. */
  static int ofProblem(int status) {
    return switch (status) {
      case 409 -> BUSY;
      case 502, 503, 504 -> UNREACHABLE;
      default -> USAGE;
    };
  }
}
