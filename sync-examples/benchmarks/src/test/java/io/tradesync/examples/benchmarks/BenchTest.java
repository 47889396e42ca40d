package io.tradesync.examples.benchmarks;

import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.jdbc.fixture.PostgresServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import picocli.CommandLine;

/** A test of the command, on databases of its own. */
abstract class BenchTest {

  private PostgresServer.Database ponder;
  private PostgresServer.Database analytics;

  @BeforeEach
  void nameDatabases() {
    ponder = PostgresServer.get().newDatabase();
    analytics = PostgresServer.get().newDatabase();
    System.setProperty(DeclaredSettings.PONDER_JDBC_URL.name(), ponder.jdbcUrl());
    System.setProperty(DeclaredSettings.ANALYTICS_JDBC_URL.name(), analytics.jdbcUrl());
  }

  @AfterEach
  void dropDatabases() {
    System.clearProperty(DeclaredSettings.PONDER_JDBC_URL.name());
    System.clearProperty(DeclaredSettings.ANALYTICS_JDBC_URL.name());
    System.clearProperty(DeclaredSettings.REDIS_URL.name());
    ponder.close();
    analytics.close();
  }

  static int bench(String... args) {
    return new CommandLine(new BenchCommand()).execute(args);
  }
}
