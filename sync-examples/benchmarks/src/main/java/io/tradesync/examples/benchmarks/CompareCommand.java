package io.tradesync.examples.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what changed from one run of {@code all} to another one. */
@Command(
    name = "compare",
    description = "Prints what changed between two runs that 'all' wrote as JSON.",
    mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {

  @Parameters(index = "0", description = "the older run")
  private Path older = Path.of("");

  @Parameters(index = "1", description = "the newer run")
  private Path newer = Path.of("");

  @Option(
      names = "--from",
      defaultValue = "3",
      description =
          "changes of fewer percent, of the ratio where there is one, are left out; default:"
              + " ${DEFAULT-VALUE}")
  private double fromPercent;

  private final PrintStream out = System.out;

  @Override
  public Integer call() throws IOException {
    Map<String, Row> before = rows(older);
    Map<String, Row> after = rows(newer);
    out.printf(
        "%-90s %12s %12s %-9s %8s %8s %8s%n",
        "work: contestant", "older", "newer", "", "ratio", "ratio", "change");
    before.forEach(
        (name, row) -> {
          if (after.containsKey(name)) {
            compare(row, after.get(name));
          } else {
            out.printf("%-90s only in the older run%n", name);
          }
        });
    after.keySet().stream()
        .filter(name -> !before.containsKey(name))
        .forEach(name -> out.printf("%-90s only in the newer run%n", name));
    return 0;
  }

  private static Map<String, Row> rows(Path file) throws IOException {
    Map<String, Row> rows = new LinkedHashMap<>();
    Report.read(file).rows().forEach(row -> rows.put(row.name(), row));
    return rows;
  }

  private void compare(Row before, Row after) {
    Row.Ratio ratioBefore = before.ratio();
    Row.Ratio ratioAfter = after.ratio();
    double change =
        100
            * (ratioBefore != null && ratioAfter != null
                ? ratioAfter.value() / ratioBefore.value() - 1
                : after.value() / before.value() - 1);
    if (Math.abs(change) < fromPercent) {
      return;
    }
    out.printf(
        "%-90s %,12.1f %,12.1f %-9s %8s %8s %+7.1f%% %s%n",
        before.name(),
        before.value(),
        after.value(),
        after.unit().text(),
        ratio(before),
        ratio(after),
        change,
        isBetter(change, after) ? "better" : "worse");
  }

  /** A ratio says how many times as good as the baseline; a value may count something bad. */
  private static boolean isBetter(double change, Row row) {
    return change > 0 == (row.ratio() != null || row.unit().isMoreBetter());
  }

  private static String ratio(Row row) {
    return row.ratio() == null ? "" : "%.2f".formatted(row.ratio().value());
  }
}
