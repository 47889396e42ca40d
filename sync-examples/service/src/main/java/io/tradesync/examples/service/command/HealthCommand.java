package io.tradesync.examples.service.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows how the store compares with the source. */
@Command(
    name = "health",
    description = "Shows how far the store is behind, and what is missing by kind.",
    mixinStandardHelpOptions = true,
    footer = {"", ExitCode.HELP})
public final class HealthCommand implements Callable<Integer> {

  @Mixin private final TargetOptions target = new TargetOptions();

  @Override
  public Integer call() {
    return target.call(
        api -> {
          JsonNode health = api.get("/api/sync/health");
          target.print(health, Texts.health(health));
          return ExitCode.ofHealth(health);
        });
  }
}
