package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows health and progress until it is stopped. */
@Command(
    name = "watch",
    description = "Shows health, and the progress of runs, until it is stopped.",
    mixinStandardHelpOptions = true,
    footer = {"", ExitCode.HELP})
public final class WatchCommand implements Callable<Integer> {

  @Mixin private final TargetOptions target = new TargetOptions();

  @Option(
      names = "--every",
      defaultValue = "5",
      paramLabel = "SECONDS",
      description = "The pause between two looks (default 5).")
  private long seconds;

  @Option(
      names = "--until-healthy",
      description = "End with exit code 0 as soon as there is no gap.")
  private boolean untilHealthy;

  @Override
  public Integer call() {
    return target.call(
        api -> {
          while (true) {
            JsonNode health = api.get("/api/sync/health");
            JsonNode run = api.get("/api/sync/runs?limit=1").path("runs").path(0);
            target.print(health, Texts.watch(health, run));
            if (untilHealthy && health.path("isHealthy").asBoolean()) {
              return ExitCode.OK;
            }
            RunFollower.pause(seconds * 1_000);
          }
        });
  }
}
