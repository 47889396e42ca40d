package io.tradesync.examples.service.command;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that limit a run or a force. */
final class LimitOptions {

  @Option(
      names = "--max-rate",
      paramLabel = "TRADES",
      description = "Write at most so many trades a second.")
  private @Nullable Integer maxRate;

  @Option(
      names = "--max-duration",
      paramLabel = "DURATION",
      description =
          "End after this time, such as PT10M, as if the run was cancelled; what is done stays.")
  private @Nullable Duration maxDuration;

  /** Returns a body with the fields of these options, to which others can be added. */
  Map<String, Object> body() {
    Map<String, Object> body = new HashMap<>();
    if (maxRate != null) {
      body.put("maxTradesPerSecond", maxRate);
    }
    if (maxDuration != null) {
      body.put("maxDuration", maxDuration.toString());
    }
    return body;
  }
}
