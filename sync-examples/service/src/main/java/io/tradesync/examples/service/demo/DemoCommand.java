package io.tradesync.examples.service.demo;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Walks the eight scenarios; fails if one of them comes out otherwise. */
@Command(
    name = "demo",
    description = "Walks the eight scenarios on an embedded PostgreSQL and Redis.",
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {

  @Override
  public Integer call() {
    // Before the first logger is made: what is expected here would only be in the way.
    System.setProperty("TRADESYNC_LOG_LEVEL", "ERROR");
    Report report = new Report(System.out);
    System.out.println("Eight scenarios on an embedded PostgreSQL and Redis, which start now ...");
    try (Stage stage = Stage.open()) {
      new Scenarios(stage, report).walk();
    }
    return report.summary() ? 0 : 1;
  }
}
