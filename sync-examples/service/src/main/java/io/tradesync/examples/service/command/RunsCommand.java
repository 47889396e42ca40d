package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists past runs. */
@Command(
    name = "runs",
    description = "Lists runs; the one that began last comes first.",
    mixinStandardHelpOptions = true,
    footer = {"", ExitCode.HELP})
public final class RunsCommand implements Callable<Integer> {

  @Mixin private final TargetOptions target = new TargetOptions();

  @Option(names = "--limit", defaultValue = "20", description = "How many at most (default 20).")
  private int limit;

  @Option(
      names = "--after",
      paramLabel = "RUN",
      description = "Continue after this run, as the page before gave it.")
  private @Nullable String after;

  @Override
  public Integer call() {
    String cursor = after == null ? "" : "&after=" + ApiClient.encoded(after);
    return target.call(
        api -> {
          JsonNode runs = api.get("/api/sync/runs?limit=" + limit + cursor);
          target.print(runs, Texts.runs(runs));
          return ExitCode.OK;
        });
  }
}
