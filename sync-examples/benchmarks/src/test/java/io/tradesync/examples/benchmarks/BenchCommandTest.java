package io.tradesync.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.redis.fixture.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Each contestant writes the right thing; how fast says nothing at this size. */
class BenchCommandTest {

  @TempDir Path directory;
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

  /** One command measures all rows of docs/PERFORMANCE.md, or names what could not run. */
  @Test
  void allBenchmarksAreRightAndAddTheirRows() throws Exception {
    System.setProperty(DeclaredSettings.REDIS_URL.name(), RedisServer.get().uri());
    Path json = directory.resolve("bench.json");

    assertThat(bench("all", "--small", "--json", json.toString())).isZero();

    Report report = Report.read(json);
    List<String> rows = report.rows().stream().map(Row::name).toList();
    assertThat(rows).doesNotHaveDuplicates();
    for (String row :
        List.of(
            "catch-up of 600: tradesync, batch 50, parallelism 1",
            "catch-up of 600: tradesync, batch 5000, parallelism 2",
            "catch-up of 600: limit",
            "catch-up of 500: Spring Batch, cursor, chunk 50",
            "all of 600: health right after the catch-up",
            "all of 600: force of everything",
            "catch-up of 600 with attributes: two attributes",
            "audit of 600 with 7 holes: tradesync",
            "repairs of a day: changed",
            "repairs of a day: moved",
            "repairs of a day: orphaned",
            "repairs of a day: late, strewn",
            "full stream of 600, batch 100: tradesync, one consumer",
            "full stream of 600, batch 100: Spring Data Redis: lost by a kill",
            "XADD to commit at 100 entries/s: one consumer",
            "hints at 300/s: one consumer",
            "custom sink, 2 ms a batch, parallelism 4: sink that sleeps")) {
      assertThat(rows).as(row).anyMatch(name -> name.startsWith(row));
    }
    assertThat(report.notRun()).containsKeys("pg_comparator", "pgCompare");
    assertThat(report.rows()).allMatch(row -> Double.isFinite(row.value()) && row.value() >= 0);
  }

  @Test
  void aBacklogIsClosedAndVerified() {
    assertThat(bench("backlog", "--trades", "600", "--baseline", "40")).isZero();
  }

  @Test
  void eachSizeIsClosedVerifiedAndProven() {
    assertThat(bench("scale", "--trades", "50,500")).isZero();
  }

  @Test
  void theLoadOfTheRecoveryIsMeasured() {
    assertThat(
            bench(
                "load",
                "--trades",
                "300",
                "--interval",
                "PT0.2S",
                "--rate",
                "0,50",
                "--seconds",
                "1"))
        .isZero();
  }

  @Test
  void aSinkOutsideTheTransactionGetsAllWithAndWithoutHandOuts() {
    assertThat(bench("handouts", "--trades", "300", "--rounds", "1")).isZero();
  }

  @Test
  void aTableReplacesTheFiguresOfAPage() throws Exception {
    Report report = new Report();
    report.machine("2 processors");
    Standing limit = Standing.ofRate("catch-up", "limit");
    limit.add(100);
    Standing library = Standing.ofRate("catch-up", "tradesync");
    library.add(150);
    report.add(library.row(limit, Goal.minRatio(1.2)));
    report.notRun("pgCompare", "no command");
    Path json = directory.resolve("bench.json");
    report.write(json);
    Path page = directory.resolve("page.md");
    Files.writeString(
        page, "before\n<!-- figures of bench all -->\nold\n<!-- end of the figures -->\nafter\n");

    assertThat(bench("markdown", json.toString(), "--into", page.toString())).isZero();

    assertThat(page)
        .content()
        .startsWith("before\n<!-- figures of bench all -->\n\n2 processors\n")
        .contains("| catch-up | tradesync | 150 trades/s | 1.50 of: limit | >= 1.20 times: yes |")
        .contains("Not run: pgCompare (no command).")
        .endsWith("<!-- end of the figures -->\nafter\n")
        .doesNotContain("old");
    assertThat(bench("compare", json.toString(), json.toString())).isZero();
  }

  private static int bench(String... args) {
    return new CommandLine(new BenchCommand()).execute(args);
  }
}
