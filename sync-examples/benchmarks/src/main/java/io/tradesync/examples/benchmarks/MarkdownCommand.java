package io.tradesync.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints a run that was written as JSON as a table in Markdown, or puts it into a page. */
@Command(
    name = "markdown",
    description = "Prints a run that was written as JSON as a table in Markdown.",
    mixinStandardHelpOptions = true)
public final class MarkdownCommand implements Callable<Integer> {

  private static final String END = "<!-- end of the figures -->\n";

  @Parameters(index = "0", description = "the run")
  private Path file = Path.of("");

  @Option(
      names = "--into",
      description = "a page; the figures between its two marks are replaced by those of the run")
  private @Nullable Path page;

  @Option(
      names = "--of",
      defaultValue = "all",
      description = "the benchmark that the mark in the page names; default: ${DEFAULT-VALUE}")
  private String benchmark = "";

  @Override
  public Integer call() throws IOException {
    String table = Report.read(file).markdown();
    if (page == null) {
      System.out.print(table);
      return 0;
    }
    String text = Files.readString(page);
    String mark = "<!-- figures of bench %s -->\n".formatted(benchmark);
    int begin = text.indexOf(mark);
    int end = text.indexOf(END, Math.max(0, begin));
    if (begin < 0 || end < 0) {
      System.err.printf("%s lacks the marks %s and %s%n", page, mark.strip(), END.strip());
      return 2;
    }
    Files.writeString(
        page, text.substring(0, begin) + mark + "\n" + table + "\n" + text.substring(end));
    return 0;
  }
}
