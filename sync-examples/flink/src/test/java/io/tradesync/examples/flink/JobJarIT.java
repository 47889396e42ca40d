package io.tradesync.examples.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job jar on a cluster that has nothing but Flink, submitted in the documented ways. */
@Tag("long")
class JobJarIT {

  private static final Path JAR = Path.of("target/tradesync-flink.jar").toAbsolutePath();
  private static final long MAX_BYTES = 6_000_000;
  private static final String FLINK = FlinkProcesses.flinkOnly();
  private static final String CLI = "org.apache.flink.client.cli.CliFrontend";
  private static final int TRADES = 60_000;
  private static final String SLOTS = "2";

  private static FlinkProcesses cluster;

  @TempDir static Path files;

  @BeforeAll
  static void start() throws Exception {
    cluster = new FlinkProcesses(files, FLINK, 2);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void itHoldsNothingOfTheCluster() throws Exception {
    assertThat(Files.size(JAR)).isLessThan(MAX_BYTES);
  }

  @Test
  void flinkRunSubmitsItsJobs() throws Exception {
    try (SourceAndStore sides = new SourceAndStore(TRADES, 30)) {
      assertCarriesOut(
          sides,
          FLINK,
          CLI,
          "run",
          "-m",
          "localhost:" + cluster.restPort(),
          JAR.toString(),
          sides.ponderUrl(),
          sides.storeUrl(),
          SLOTS);
    }
  }

  @Test
  void aProgramSubmitsItsJobsByRest() throws Exception {
    try (SourceAndStore sides = new SourceAndStore(TRADES, 30)) {
      assertCarriesOut(
          sides,
          JAR + File.pathSeparator + FLINK,
          CloseAGapOnFlink.class.getName(),
          sides.ponderUrl(),
          sides.storeUrl(),
          SLOTS,
          "localhost",
          "" + cluster.restPort(),
          JAR.toString());
    }
  }

  private static void assertCarriesOut(
      SourceAndStore sides, String classPath, String mainClass, String... arguments)
      throws Exception {
    List<String> before = cluster.finishedJobs();
    Process program = cluster.start(classPath, mainClass, arguments);
    assertThat(program.waitFor(3, TimeUnit.MINUTES)).as(cluster.log()).isTrue();
    assertThat(program.exitValue()).as(cluster.log()).isZero();
    sides.assertExact();
    List<String> jobs = new ArrayList<>(cluster.finishedJobs());
    jobs.removeAll(before);
    // Each pass was handed out.
    assertThat(jobs)
        .anyMatch(name -> name.startsWith("tradesync compare "))
        .anyMatch(name -> name.startsWith("tradesync repair "));
  }
}
