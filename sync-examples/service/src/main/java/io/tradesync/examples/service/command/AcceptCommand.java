package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Takes failures that somebody has looked at out of the gaps. */
@Command(
    name = "accept",
    description =
        "Accepts that trades fail: they are no gap and are not tried again, until the trade changes"
            + " at the source or is released.",
    mixinStandardHelpOptions = true,
    footer = {"", ExitCode.HELP})
public final class AcceptCommand implements Callable<Integer> {

  @Mixin private final TargetOptions target = new TargetOptions();

  @Option(
      names = "--ref",
      required = true,
      paramLabel = "REF",
      description = "A failed trade, by the ref that errors --json shows; may be repeated.")
  private List<String> refs = List.of();

  @Option(
      names = "--reason",
      required = true,
      paramLabel = "TEXT",
      description = "Why; errors shows it.")
  private String reason = "";

  @Override
  public Integer call() {
    return target.call(
        api -> {
          JsonNode answer =
              api.post("/api/sync/errors/accept", Map.of("refs", refs, "reason", reason));
          target.print(
              answer, answer.path("accepted").asLong() + " failures are accepted; they are no gap");
          return ExitCode.OK;
        });
  }
}
