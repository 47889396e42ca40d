package io.tradesync.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.jdbc.fixture.PostgresServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Each contestant writes the right thing; how fast says nothing at this size. */
class BenchCommandTest {

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
    ponder.close();
    analytics.close();
  }

  @Test
  void allContestantsCloseTheGap() {
    String oneOfOurs = "batch 50, parallelism 2|Spring Batch|plain loop|limit";
    assertThat(
            bench(
                "contest",
                "--trades",
                "600",
                "--part",
                "120",
                "--rounds",
                "1",
                "--only",
                oneOfOurs))
        .isZero();
  }

  @Test
  void allWaysFindTheHoles() {
    assertThat(bench("audit", "--trades", "600", "--holes", "7", "--rounds", "1")).isZero();
  }

  @Test
  void aBacklogIsClosedAndVerified() {
    assertThat(bench("backlog", "--trades", "600", "--baseline", "40")).isZero();
  }

  @Test
  void aSinkOutsideTheTransactionGetsAllWithAndWithoutHandOuts() {
    assertThat(bench("handouts", "--trades", "300", "--rounds", "1")).isZero();
  }

  private static int bench(String... args) {
    return new CommandLine(new BenchCommand()).execute(args);
  }
}
