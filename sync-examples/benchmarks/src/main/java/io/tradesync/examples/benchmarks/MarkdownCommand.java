package io.tradesync.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints a run of {@code all} as a table in Markdown, or puts it into a page. */
@Command(
    name = "markdown",
    description = "Prints a run that 'all' wrote as JSON as a table in Markdown.",
    mixinStandardHelpOptions = true)
public final class MarkdownCommand implements Callable<Integer> {

  private static final String BEGIN = "<!-- figures of bench all -->\n";
  private static final String END = "<!-- end of the figures -->\n";

  @Parameters(index = "0", description = "the run")
  private Path file = Path.of("");

  @Option(
      names = "--into",
      description = "a page; the figures between its two marks are replaced by those of the run")
  private @Nullable Path page;

  @Override
  public Integer call() throws IOException {
    String table = Report.read(file).markdown();
    if (page == null) {
      System.out.print(table);
      return 0;
    }
    String text = Files.readString(page);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      System.err.printf("%s lacks the marks %s and %s%n", page, BEGIN.strip(), END.strip());
      return 2;
    }
    Files.writeString(
        page, text.substring(0, begin) + BEGIN + "\n" + table + "\n" + text.substring(end));
    return 0;
  }
}
