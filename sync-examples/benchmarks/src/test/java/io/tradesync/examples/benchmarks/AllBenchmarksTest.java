package io.tradesync.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.redis.fixture.RedisServer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apart from the other commands, which another JVM tests meanwhile. */
class AllBenchmarksTest extends BenchTest {

  @TempDir Path directory;

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
}
