package io.tradesync.examples.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process that runs the packaged jar. */
final class JarProcess implements AutoCloseable {

  static final Path JAR = Path.of("target", "tradesync.jar").toAbsolutePath();
  private static final long PATIENCE_SECONDS = 90;

  private final Process process;
  private final Path output;
  private final Path errors;

  private JarProcess(Process process, Path output, Path errors) {
    this.process = process;
    this.output = output;
    this.errors = errors;
  }

  static JarProcess start(
      Path directory, Path temporary, Map<String, String> environment, String... arguments)
      throws IOException {
    return start(directory, temporary, environment, List.of(), arguments);
  }

  static JarProcess start(
      Path directory,
      Path temporary,
      Map<String, String> environment,
      List<String> jvmOptions,
      String... arguments)
      throws IOException {
    return start(JAR, directory, temporary, environment, jvmOptions, arguments);
  }

  static JarProcess start(
      Path jar,
      Path directory,
      Path temporary,
      Map<String, String> environment,
      List<String> jvmOptions,
      String... arguments)
      throws IOException {
    assertThat(jar).exists();
    Path output = Files.createTempFile(directory, "output", ".txt");
    Path errors = Files.createTempFile(directory, "errors", ".txt");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + temporary));
    command.addAll(jvmOptions);
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
    builder.environment().putAll(environment);
    return new JarProcess(builder.start(), output, errors);
  }

  String output() {
    return read(output);
  }

  String errors() {
    return read(errors);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("it ended").isTrue();
    return process.exitValue();
  }

  Stream<ProcessHandle> descendants() {
    return process.descendants();
  }

  void terminate() {
    process.destroy();
  }

  void kill() {
    process.destroyForcibly();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
