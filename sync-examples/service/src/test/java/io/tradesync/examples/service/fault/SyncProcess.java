package io.tradesync.examples.service.fault;

import io.tradesync.RunKind;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncEngine;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A JVM that carries one run out, and the handle by which a test kills it. */
final class SyncProcess implements AutoCloseable {

  private static final String STARTED = "started ";
  private static final long LEASE_POLL_NANOS = 20_000_000;
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final BufferedReader output;

  private SyncProcess(Process process) {
    this.process = process;
    this.output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Starts a JVM.
   *
   * @param forcedAfter the time after which it forces, or null for a plain run
   * @param leaseTtl how long its lease outlives it
   */
  static SyncProcess start(SourceAndStore sides, Long forcedAfter, Duration leaseTtl)
      throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            SyncProcess.class.getName(),
            sides.ponderUrl(),
            sides.storeUrl(),
            String.valueOf(forcedAfter),
            leaseTtl.toString());
    return new SyncProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** Waits until the run holds its lease, and returns its id; empty if the process ended before. */
  Optional<String> awaitStart() throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(STARTED)) {
        return Optional.of(line.substring(STARTED.length()));
      }
    }
    return Optional.empty();
  }

  /** Lets it live for some time more, then kills it; false if it had come to its end before. */
  boolean killAfter(long millis) throws InterruptedException {
    boolean ended = process.waitFor(millis, TimeUnit.MILLISECONDS);
    process.destroyForcibly();
    process.waitFor();
    return !ended;
  }

  /** Waits for the end; returns what the process said. */
  String awaitEnd() throws IOException, InterruptedException {
    String said = output.lines().reduce("", (lines, line) -> lines + line + "\n");
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("it does not end: " + said);
    }
    return said;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** What the process does. */
  public static void main(String[] arguments) throws Exception {
    Long forcedAfter = arguments[2].equals("null") ? null : Long.valueOf(arguments[2]);
    try (SourceAndStore sides = SourceAndStore.over(arguments[0], arguments[1]);
        SyncEngine engine =
            sides.engine().leaseTtl(Duration.parse(arguments[3])).listener(new Telling()).build()) {
      while (true) {
        try {
          SyncResult result =
              forcedAfter == null ? engine.run() : engine.forceFromEpochSecond(forcedAfter);
          System.out.println("ended " + result);
          return;
        } catch (SyncAlreadyRunningException e) {
          // The lease of the process that was killed before; it ends by itself.
          LockSupport.parkNanos(LEASE_POLL_NANOS);
        }
      }
    }
  }

  private static final class Telling implements SyncListener {
    @Override
    public void runStarted(String runId, RunKind kind) {
      System.out.println(STARTED + runId);
    }
  }
}
