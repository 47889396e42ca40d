package io.tradesync.examples.service.demo;

import io.tradesync.examples.service.embedded.EmbeddedServers;
import io.tradesync.examples.service.settings.Settings;
import io.tradesync.examples.service.settings.StartException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * Runs the eight scenarios. The store is embedded, or a new database on the server that
 * ANALYTICS_JDBC_URL names, which is dropped at the end. The exit code is 1 if a result differs
 * from the specification.
 */
@Command(
    name = "demo",
    description =
        "Runs the eight scenarios on an embedded PostgreSQL and Redis. With ANALYTICS_JDBC_URL, the"
            + " store is a new database on that server, such as a TimescaleDB.",
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
    Optional<String> store = Optional.ofNullable(Settings.fromEnvironment(null).analyticsJdbcUrl());
    try (Stage stage = Stage.open(store)) {
      System.out.println("The store is " + stage.describeStore());
      new Scenarios(stage, report).walk();
    }
    return report.summary() ? 0 : 1;
  }
}
