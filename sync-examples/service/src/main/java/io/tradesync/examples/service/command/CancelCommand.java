package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Stops a run. */
@Command(
    name = "cancel",
    description = "Stops a run at its next batch boundary, also one of another process.",
    mixinStandardHelpOptions = true,
    footer = {"", ExitCode.HELP})
public final class CancelCommand implements Callable<Integer> {

  @Mixin private final TargetOptions target = new TargetOptions();

  @Parameters(paramLabel = "RUN", description = "The id of the run, as runs shows it.")
  private String runId = "";

  @Override
  public Integer call() {
    return target.call(
        api -> {
          JsonNode answer =
              api.post("/api/sync/runs/" + ApiClient.encoded(runId) + "/cancel", Map.of());
          target.print(answer, "run " + answer.path("runId").asText() + " was asked to stop");
          return ExitCode.OK;
        });
  }
}
