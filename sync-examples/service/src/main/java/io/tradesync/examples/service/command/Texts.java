package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.tradesync.examples.service.log.SafeText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Answers of the API as text for people. */
final class Texts {

  private Texts() {}

  static String health(JsonNode health) {
    List<String> lines = new ArrayList<>();
    lines.add(
        health.path("status").asText()
            + ": "
            + health.path("missedTrades").asLong()
            + " trades missed, "
            + lag(health.path("lagMinutes").asLong()));
    lines.add(gaps(health.path("gaps")));
    lines.add(
        "newest trade: "
            + time(health.path("lastPonderTimestamp"))
            + " in the source, "
            + time(health.path("lastAnalyticsTimestamp"))
            + " processed");
    long differing = health.path("storeDiffers").asLong();
    if (differing > 0) {
      lines.add(
          "the store differs from the log in "
              + differing
              + " trades or candles"
              + asOf(health.path("storeDiffersAsOf")));
    }
    lines.add("recommendation: " + health.path("recommendation").asText());
    return String.join(System.lineSeparator(), lines);
  }

  /** One line of the watch: the state, and the run under way. */
  static String watch(JsonNode health, JsonNode run) {
    String state =
        health.path("status").asText()
            + ", "
            + lag(health.path("lagMinutes").asLong())
            + ", "
            + gaps(health.path("gaps"));
    return run.path("outcome").asText().equals("running")
        ? state
            + String.format(
                Locale.ROOT,
                "; run %s: %d/%d, %d errors%s",
                run.path("runId").asText(),
                run.path("processed").asLong(),
                run.path("total").asLong(),
                run.path("errors").asLong(),
                asOf(run.path("asOf")))
        : state;
  }

  static String lag(long minutes) {
    if (minutes == 0) {
      return "not behind";
    }
    Duration lag = Duration.ofMinutes(minutes);
    String days = lag.toDays() > 0 ? lag.toDays() + " d " : "";
    String hours = lag.toHours() > 0 ? lag.toHoursPart() + " h " : "";
    return days + hours + lag.toMinutesPart() + " min behind";
  }

  static String gaps(JsonNode gaps) {
    List<String> kinds = new ArrayList<>();
    gaps.properties().forEach(gap -> kinds.add(gap.getKey() + " " + gap.getValue().asLong()));
    return "gaps: " + String.join(", ", kinds);
  }

  static String time(JsonNode epochSecond) {
    return epochSecond.isNumber() ? Instant.ofEpochSecond(epochSecond.asLong()).toString() : "none";
  }

  /** As of when a figure is that is not of this moment. */
  private static String asOf(JsonNode time) {
    return time.isTextual() ? ", as of " + time.asText() : "";
  }

  static String result(JsonNode result) {
    return SafeText.line(result.path("message").asText())
        + (result.has("duration") ? " in " + result.path("duration").asLong() + " ms" : "")
        + " (run "
        + result.path("runId").asText()
        + ")";
  }

  static String plan(String kind, JsonNode plan) {
    return "a "
        + kind
        + " would write "
        + plan.path("writes").asLong()
        + " trades in "
        + plan.path("batches").asLong()
        + " batches"
        + System.lineSeparator()
        + audit(plan);
  }

  static String audit(JsonNode audit) {
    List<String> lines = new ArrayList<>(List.of(gaps(audit.path("gaps"))));
    for (JsonNode range : audit.path("ranges")) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%s: %d trades, %s to %s %s",
              range.path("kind").asText(),
              range.path("trades").asLong(),
              time(range.path("firstTimestamp")),
              time(range.path("lastTimestamp")),
              range.path("reason").asText(range.path("position").asText(""))));
    }
    if (!audit.path("complete").asBoolean()) {
      lines.add("there are more ranges than are listed");
    }
    return lines(lines);
  }

  static String runs(JsonNode runs) {
    List<String> lines = new ArrayList<>();
    for (JsonNode run : runs.path("runs")) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%s %s %s %s %d/%d, %d errors%s%s",
              run.path("startedAt").asText(),
              run.path("runId").asText(),
              run.path("kind").asText(),
              run.path("outcome").asText(),
              run.path("processed").asLong(),
              run.path("total").asLong(),
              run.path("errors").asLong(),
              asOf(run.path("asOf")),
              run.path("message").isTextual() ? ": " + run.path("message").asText() : ""));
    }
    if (runs.path("next").isTextual()) {
      lines.add("more: --after " + runs.path("next").asText());
    }
    return lines.isEmpty() ? "no runs" : lines(lines);
  }

  static String errors(JsonNode page) {
    List<String> lines = new ArrayList<>();
    for (JsonNode error : page.path("errors")) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%s %s: %s (%d attempts%s)",
              time(error.path("timestamp")),
              error.path("id").asText(),
              error.path("reason").asText(),
              error.path("attempts").asLong(),
              error.has("accepted")
                  ? ", accepted: " + error.path("accepted").asText()
                  : error.path("parked").asBoolean() ? ", parked" : ""));
    }
    for (JsonNode row : page.path("outsideKeyOrder")) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%s %s: %s (outside the key order%s%s)",
              row.path("timestamp").isNull() ? "-" : time(row.path("timestamp")),
              row.path("id").asText(),
              row.path("reason").asText(),
              asOf(page.path("outsideAsOf")),
              row.has("accepted") ? ", accepted: " + row.path("accepted").asText() : ""));
    }
    if (page.path("next").isTextual()) {
      lines.add("more: --after " + page.path("next").asText());
    }
    if (page.path("nextOutside").isTextual()) {
      lines.add("more outside the key order: --outside-after " + page.path("nextOutside").asText());
    }
    return lines.isEmpty() ? "no failed trades" : lines(lines);
  }

  private static String lines(List<String> lines) {
    return String.join(System.lineSeparator(), lines.stream().map(SafeText::line).toList());
  }
}
