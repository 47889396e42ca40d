package io.tradesync;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A process whose sink hangs, and that closes its engine in a shutdown hook, ends on SIGTERM. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TerminatedProcessTest {

  private static final int TERMINATED = 128 + 15;
  private static final Duration AT_MOST = Duration.ofSeconds(20);

  @Test
  void aSinkThatNeverReturnsDoesNotKeepAProcessThatIsTerminated() throws Exception {
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                TerminatedProcess.class.getName(),
                "3600",
                "1")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      awaitLine(output, TerminatedProcess.IN_THE_SINK);
      long began = System.nanoTime();

      // Unlike the one of the process, this leaves its output open.
      assertThat(process.toHandle().destroy()).isTrue();

      assertThat(process.waitFor(AT_MOST.toSeconds(), TimeUnit.SECONDS))
          .as("ended within %s", AT_MOST)
          .isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(AT_MOST);
      assertThat(process.exitValue()).isEqualTo(TERMINATED);
      List<String> rest = output.lines().toList();
      assertThat(rest).contains(TerminatedProcess.CLOSED);
    } finally {
      process.destroyForcibly().onExit().join();
    }
  }

  private static void awaitLine(BufferedReader output, String due) throws IOException {
    String line = output.readLine();
    while (line != null && !line.equals(due)) {
      line = output.readLine();
    }
    assertThat(line).as("the line of the process").isEqualTo(due);
  }
}
