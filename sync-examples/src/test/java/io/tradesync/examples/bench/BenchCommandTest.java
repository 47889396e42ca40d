package io.tradesync.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Each contestant writes the right thing; how fast says nothing at this size. */
class BenchCommandTest {

  @Test
  void allContestantsCloseTheGap() {
    assertThat(bench("contest", "--trades", "600", "--part", "120", "--rounds", "1")).isZero();
  }

  @Test
  void allWaysFindTheHoles() {
    assertThat(bench("audit", "--trades", "600", "--holes", "7", "--rounds", "1")).isZero();
  }

  @Test
  void aBacklogIsClosedAndVerified() {
    assertThat(bench("backlog", "--trades", "600", "--baseline", "40")).isZero();
  }

  private static int bench(String... args) {
    return new CommandLine(new BenchCommand()).execute(args);
  }
}
