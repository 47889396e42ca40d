package io.tradesync.examples.service.demo;

import io.tradesync.examples.service.embedded.EmbeddedServers;
import io.tradesync.examples.service.settings.StartException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Runs the eight scenarios. The exit code is 1 if a result differs from the specification. */
@Command(
    name = "demo",
    description = "Runs the eight scenarios on an embedded PostgreSQL and Redis.",
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {

  @Override
  public Integer call() {
    if (!EmbeddedServers.areAvailable()) {
      throw new StartException(
          "the demo needs %s beside the jar".formatted(EmbeddedServers.JAR), null);
    }
    // Must precede the first logger. The expected warnings would hide the report.
    System.setProperty("TRADESYNC_LOG_LEVEL", "ERROR");
    Report report = new Report(System.out);
    System.out.println("Eight scenarios on an embedded PostgreSQL and Redis, which start now ...");
    try (Stage stage = Stage.open()) {
      new Scenarios(stage, report).walk();
    }
    return report.summary() ? 0 : 1;
  }
}
