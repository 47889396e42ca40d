package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Closes the gap. */
@Command(
    name = "run",
    description = "Closes every gap, and shows the progress.",
    mixinStandardHelpOptions = true,
    footer = {"", ExitCode.HELP})
public final class RunCommand implements Callable<Integer> {

  @Mixin private final TargetOptions target = new TargetOptions();

  @Option(names = "--audit", description = "Compare everything first, also what is verified.")
  private boolean audit;

  @Option(
      names = "--allow-mass-retraction",
      description = "Also retract if the source has lost most of its trades.")
  private boolean allowMassRetraction;

  @Mixin private final LimitOptions limits = new LimitOptions();

  @Override
  public Integer call() {
    Map<String, Object> body = limits.body();
    body.put("audit", audit);
    body.put("allowMassRetraction", allowMassRetraction);
    return target.call(
        api -> {
          JsonNode result = new RunFollower(api, target.progress()).run("/api/sync/run", body);
          target.print(result, Texts.result(result));
          return ExitCode.ofResult(result);
        });
  }
}
