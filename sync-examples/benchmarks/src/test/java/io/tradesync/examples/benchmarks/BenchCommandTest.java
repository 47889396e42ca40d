package io.tradesync.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each contestant writes the right thing; how fast says nothing at this size. */
class BenchCommandTest extends BenchTest {

  @TempDir Path directory;

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

  @Test
  void aGoalBelowOneIsNotRounded() {
    assertThat(Goal.max(0.5).text(Unit.PERCENT_OF_A_CORE)).isEqualTo("<= 0.5 % of a core");
    assertThat(Goal.max(20).text(Unit.READS_PER_SECOND)).isEqualTo("<= 20 reads/s");
    assertThat(Goal.minRatio(1.2).text(Unit.TRADES_PER_SECOND)).isEqualTo(">= 1.20 times");
  }
}
