package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists failed trades. */
@Command(
    name = "errors",
    description = "Lists failed trades with their reasons, in key order.",
    mixinStandardHelpOptions = true,
    footer = {"", ExitCode.HELP})
public final class ErrorsCommand implements Callable<Integer> {

  @Mixin private final TargetOptions target = new TargetOptions();

  @Option(names = "--limit", defaultValue = "100", description = "How many at most (default 100).")
  private int limit;

  @Option(
      names = "--after",
      paramLabel = "CURSOR",
      description = "Continue after this place, as the page before gave it.")
  private @Nullable String after;

  @Option(
      names = "--outside-after",
      paramLabel = "REF",
      description = "List further rows outside the key order: those after this one.")
  private @Nullable String outsideAfter;

  @Override
  public Integer call() {
    String cursor = parameter("after", after) + parameter("outsideAfter", outsideAfter);
    return target.call(
        api -> {
          JsonNode page = api.get("/api/sync/errors?limit=" + limit + cursor);
          target.print(page, Texts.errors(page));
          return ExitCode.OK;
        });
  }

  private static String parameter(String name, @Nullable String value) {
    return value == null ? "" : "&" + name + "=" + ApiClient.encoded(value);
  }
}
