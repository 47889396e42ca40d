package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows what a run would do. */
@Command(
    name = "plan",
    description = "Shows what a run would do now; changes nothing.",
    mixinStandardHelpOptions = true,
    footer = {"", ExitCode.HELP})
public final class PlanCommand implements Callable<Integer> {

  @Mixin private final TargetOptions target = new TargetOptions();

  @Override
  public Integer call() {
    return target.call(
        api -> {
          JsonNode plan = api.get("/api/sync/plan");
          target.print(plan, Texts.plan(plan));
          return ExitCode.ofGaps(plan.path("gaps"));
        });
  }
}
