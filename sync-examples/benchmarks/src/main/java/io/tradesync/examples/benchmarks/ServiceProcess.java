package io.tradesync.examples.benchmarks;

import io.tradesync.examples.service.Main;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The service in a process of its own, as a user starts it. */
final class ServiceProcess implements AutoCloseable {

  private static final Duration START = Duration.ofMinutes(5);
  private static final Pattern ANSWERS_ON = Pattern.compile("answers on (\\S+)\n");

  private final Process process;
  private final Path output;
  private final String url;
  private final HttpClient http = HttpClient.newHttpClient();

  private ServiceProcess(Process process, Path output, String url) {
    this.process = process;
    this.output = output;
    this.url = url;
  }

  /** Starts the service; it answers when this returns. */
  static ServiceProcess start(List<String> jvmOptions, Map<String, String> settings)
      throws IOException, InterruptedException, TimeoutException {
    Path output = Files.createTempFile("tradesync", ".txt");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "serve"));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(settings);
    Process process = builder.start();
    try {
      return new ServiceProcess(process, output, awaitUrl(process, output));
    } catch (IOException | InterruptedException | TimeoutException e) {
      process.destroyForcibly();
      Files.deleteIfExists(output);
      throw e;
    }
  }

  private static String awaitUrl(Process process, Path output)
      throws IOException, InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + START.toNanos();
    while (true) {
      Matcher answers = ANSWERS_ON.matcher(Files.readString(output));
      if (answers.find()) {
        return answers.group(1);
      }
      if (process.waitFor(100, TimeUnit.MILLISECONDS) || System.nanoTime() - deadline > 0) {
        throw new TimeoutException("the service did not start: " + Files.readString(output));
      }
    }
  }

  /** Calls the service; returns the body of its answer. */
  String call(String method, String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + path))
            .method(method, BodyPublishers.noBody())
            .build();
    return http.send(request, BodyHandlers.ofString()).body();
  }

  /** The resident memory of now in megabytes; NaN where /proc does not say it. */
  double residentMegabytes() {
    return ofStatus("VmRSS:");
  }

  /** The most that was resident since the start, likewise. */
  double peakMegabytes() {
    return ofStatus("VmHWM:");
  }

  private double ofStatus(String name) {
    try {
      return Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status")).stream()
          .filter(line -> line.startsWith(name))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Files.deleteIfExists(output);
  }
}
