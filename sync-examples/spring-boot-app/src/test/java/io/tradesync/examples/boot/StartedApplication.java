package io.tradesync.examples.boot;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The application in a process of its own, which ends with the test. */
final class StartedApplication implements AutoCloseable {

  private static final Duration START = Duration.ofMinutes(3);

  private final Process process;
  private final Path output;
  private final Http http;

  private StartedApplication(Process process, Path output, Http http) {
    this.process = process;
    this.output = output;
    this.http = http;
  }

  /** Starts it and waits until it answers. */
  static StartedApplication start(PonderAndLedger databases, String... arguments)
      throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path output = Files.createTempFile("ledger", ".log");
    output.toFile().deleteOnExit();
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                BootApplication.class.getName(),
                "--server.port=" + port,
                "--ponder.url=" + databases.sourceUrl(),
                "--ledger.url=" + databases.storeUrl()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    StartedApplication started = new StartedApplication(process, output, new Http(port));
    try {
      Awaitility.await()
          .atMost(START)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> !process.isAlive() || started.answers());
    } catch (RuntimeException e) {
      started.close();
      throw new IllegalStateException(Files.readString(output), e);
    }
    if (!process.isAlive()) {
      throw new IllegalStateException(Files.readString(output));
    }
    return started;
  }

  private boolean answers() {
    try {
      // Any status: the server listens as soon as all beans are there.
      return http.get("/actuator").statusCode() > 0;
    } catch (RuntimeException e) {
      return false;
    }
  }

  Http http() {
    return http;
  }

  /** What it has written to its standard output. */
  String output() throws IOException {
    return Files.readString(output);
  }

  /**
   * Asks it to end, as Kubernetes does. If that takes longer than it may, the error says how long
   * it took, where the threads were then, and all that the application wrote.
   */
  void terminateWithin(Duration limit) throws IOException, InterruptedException {
    long began = System.nanoTime();
    process.destroy();
    if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      return;
    }
    // SIGQUIT: the JVM writes its threads to the standard output.
    new ProcessBuilder("kill", "-3", String.valueOf(process.pid())).start().waitFor();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    Duration took = Duration.ofNanos(System.nanoTime() - began);
    throw new AssertionError(
        (ended ? "the application ended after " : "the application has not ended after ")
            + took
            + ", and may take "
            + limit
            + "\n"
            + output());
  }

  /** Ends it as a crash does. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
