package io.tradesync.examples.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one or several benchmarks, and the contestants that could not run. Not thread-safe.
 */
final class Report {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final List<Row> rows = new ArrayList<>();
  private final Map<String, String> notRun = new LinkedHashMap<>();
  private String machine = "";

  void add(Row row) {
    rows.add(row);
  }

  /** Notes a contestant that did not run, with the prerequisite that is missing. */
  void notRun(String contestant, String reason) {
    notRun.put(contestant, reason);
  }

  /** Notes on what all of it was measured. */
  void machine(String value) {
    machine = value;
  }

  List<Row> rows() {
    return List.copyOf(rows);
  }

  Map<String, String> notRun() {
    return Map.copyOf(notRun);
  }

  /** How many rows and contestants that did not run there are. */
  int size() {
    return rows.size() + notRun.size();
  }

  /** Prints one table. */
  void print(PrintStream out) {
    out.printf("%n%s%n", machine);
    out.printf(
        "%-44s %-46s %12s %-9s %8s %-15s %-3s %8s %8s%n",
        "work", "contestant", "seen", "", "ratio", "goal", "", "us JVM", "us in PG");
    for (Row row : rows) {
      out.printf(
          "%-44s %-46s %,12.1f %-9s %8s %-15s %-3s %8s %8s%n",
          row.work(),
          row.contestant(),
          row.value(),
          row.unit().text(),
          row.ratio() == null ? "" : "%.2f".formatted(row.ratio().value()),
          row.goal() == null ? "" : row.goal().text(row.unit()),
          reached(row),
          micros(row.cost().jvm()),
          micros(row.cost().server()));
    }
    out.println(
        "ratio: to the baseline of the work, which has none itself; the median of the rounds."
            + " us: CPU time a trade, in microseconds.");
    notRun.forEach((contestant, reason) -> out.printf("not run: %s: %s%n", contestant, reason));
  }

  /** The same as a table in Markdown. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append(machine)
        .append(
            """


            | work | contestant | seen | ratio | goal | CPU µs a trade: JVM | PostgreSQL |
            | --- | --- | --- | --- | --- | --- | --- |
            """);
    for (Row row : rows) {
      text.append(
          "| %s | %s | %s %s | %s | %s | %s | %s |%n"
              .formatted(
                  row.work(),
                  row.contestant(),
                  row.value() < 100
                      ? "%.1f".formatted(row.value())
                      : "%,.0f".formatted(row.value()),
                  row.unit().text(),
                  row.ratio() == null
                      ? ""
                      : "%.2f of: %s".formatted(row.ratio().value(), row.ratio().baseline()),
                  row.goal() == null ? "" : row.goal().text(row.unit()) + ": " + reached(row),
                  micros(row.cost().jvm()),
                  micros(row.cost().server())));
    }
    notRun.forEach(
        (contestant, reason) -> text.append("%nNot run: %s (%s).%n".formatted(contestant, reason)));
    return text.toString();
  }

  private static String reached(Row row) {
    return row.goal() == null ? "" : row.isGood() ? "yes" : "no";
  }

  private static String micros(double value) {
    return Double.isFinite(value) ? "%.1f".formatted(value) : "";
  }

  /** Writes everything as JSON. */
  void write(Path file) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("machine", machine);
    rows.forEach(row -> write(row, root.withArray("/rows").addObject()));
    ObjectNode missing = root.putObject("notRun");
    notRun.forEach(missing::put);
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    JSON.writeValue(file.toFile(), root);
  }

  private static void write(Row row, ObjectNode json) {
    json.put("work", row.work());
    json.put("contestant", row.contestant());
    json.put("value", row.value());
    json.put("unit", row.unit().name());
    if (row.ratio() != null) {
      json.put("baseline", row.ratio().baseline());
      json.put("ratio", row.ratio().value());
    }
    if (row.goal() != null) {
      ObjectNode goal = json.putObject("goal");
      goal.put("ofRatio", row.goal().ofRatio());
      goal.put("isMax", row.goal().isMax());
      goal.put("bound", row.goal().bound());
      json.put("reached", row.isGood());
    }
    if (Double.isFinite(row.cost().jvm())) {
      json.put("jvmMicros", row.cost().jvm());
    }
    if (Double.isFinite(row.cost().server())) {
      json.put("postgresMicros", row.cost().server());
    }
  }

  /** Reads what {@link #write} wrote. */
  static Report read(Path file) throws IOException {
    JsonNode root = JSON.readTree(file.toFile());
    Report report = new Report();
    report.machine(root.path("machine").asText());
    root.path("rows").forEach(json -> report.add(row(json)));
    root.path("notRun")
        .properties()
        .forEach(missing -> report.notRun(missing.getKey(), missing.getValue().asText()));
    return report;
  }

  private static Row row(JsonNode json) {
    return new Row(
        json.path("work").asText(),
        json.path("contestant").asText(),
        json.path("value").asDouble(),
        Unit.valueOf(json.path("unit").asText()),
        json.has("ratio")
            ? new Row.Ratio(json.path("baseline").asText(), json.path("ratio").asDouble())
            : null,
        goal(json.path("goal")),
        new Row.Cost(
            json.path("jvmMicros").asDouble(Double.NaN),
            json.path("postgresMicros").asDouble(Double.NaN)));
  }

  private static @Nullable Goal goal(JsonNode json) {
    return json.isMissingNode()
        ? null
        : new Goal(
            json.path("ofRatio").asBoolean(),
            json.path("isMax").asBoolean(),
            json.path("bound").asDouble());
  }
}
