package io.tradesync.examples.flink;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A Flink cluster of processes: a JobManager and TaskManagers with a slot each, started by the same
 * entry points as Flink's own scripts use.
 */
final class FlinkProcesses implements AutoCloseable {

  private static final String JOB_MANAGER =
      "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint";
  private static final String TASK_MANAGER =
      "org.apache.flink.runtime.taskexecutor.TaskManagerRunner";
  private static final List<String> OPENED =
      Stream.of("java.lang", "java.util", "java.util.concurrent", "java.time", "java.net")
          .map(name -> "--add-opens=java.base/" + name + "=ALL-UNNAMED")
          .toList();

  private static final Pattern OWN_JARS =
      Pattern.compile("(sync-|tradesync|postgresql|HikariCP|jdbi3|geantyref|resilience4j).*");

  private final Path directory;
  private final String classPath;
  private final int restPort = freePort();
  private final Process jobManager;
  private final List<Process> taskManagers = new ArrayList<>();
  private final RestClusterClient<String> client;

  /**
   * Starts a cluster; returns when its slots are there.
   *
   * @param classPath what {@code lib} would hold
   */
  FlinkProcesses(Path directory, String classPath, int count) throws Exception {
    this.directory = directory;
    this.classPath = classPath;
    Files.writeString(directory.resolve("config.yaml"), settings());
    jobManager = start(JOB_MANAGER);
    for (int i = 0; i < count; i++) {
      startTaskManager();
    }
    Configuration of = new Configuration();
    of.set(RestOptions.ADDRESS, "localhost");
    of.set(JobManagerOptions.ADDRESS, "localhost");
    of.set(RestOptions.PORT, restPort);
    client = new RestClusterClient<>(of, "test");
    try {
      awaitTaskManagers(count);
    } catch (RuntimeException e) {
      close();
      throw new IllegalStateException(log(), e);
    }
  }

  private String settings() throws IOException {
    return String.format(
        Locale.ROOT,
        """
        jobmanager.rpc.address: localhost
        jobmanager.rpc.port: %d
        jobmanager.bind-host: localhost
        rest.address: localhost
        rest.bind-address: localhost
        rest.port: %d
        taskmanager.host: localhost
        taskmanager.bind-host: localhost
        taskmanager.numberOfTaskSlots: 1
        taskmanager.cpu.cores: 1
        taskmanager.memory.framework.heap.size: 48m
        taskmanager.memory.framework.off-heap.size: 16m
        taskmanager.memory.task.heap.size: 64m
        taskmanager.memory.task.off-heap.size: 0m
        taskmanager.memory.managed.size: 1m
        taskmanager.memory.network.min: 16m
        taskmanager.memory.network.max: 16m
        taskmanager.memory.jvm-metaspace.size: 96m
        taskmanager.memory.jvm-overhead.min: 32m
        taskmanager.memory.jvm-overhead.max: 32m
        heartbeat.interval: 500
        heartbeat.timeout: 5000
        pekko.startup-timeout: 60 s
        pekko.ask.timeout: 60 s
        io.tmp.dirs: %s
        """,
        freePort(),
        restPort,
        directory);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Starts a JVM with the settings of this cluster. */
  Process start(String mainClass, String... arguments) throws IOException {
    return start(classPath, mainClass, arguments);
  }

  /** Starts a JVM with another class path. */
  Process start(String classPath, String mainClass, String[] arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(OPENED);
    command.addAll(List.of("-Xmx160m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", classPath, mainClass));
    if (List.of(JOB_MANAGER, TASK_MANAGER).contains(mainClass)) {
      command.addAll(List.of("--configDir", directory.toString()));
    }
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(
        ProcessBuilder.Redirect.appendTo(directory.resolve("processes.log").toFile()));
    builder.environment().putAll(Map.of("FLINK_CONF_DIR", directory.toString()));
    return builder.start();
  }

  void startTaskManager() throws IOException {
    taskManagers.add(start(TASK_MANAGER));
  }

  String log() throws IOException {
    return Files.readString(directory.resolve("processes.log"));
  }

  int restPort() {
    return restPort;
  }

  StreamExecutionEnvironment environment() {
    return StreamExecutionEnvironment.createRemoteEnvironment("localhost", restPort);
  }

  void awaitTaskManagers(int count) {
    await()
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptions()
        .until(() -> client.getClusterOverview().get().getNumTaskManagersConnected() >= count);
  }

  long runningJobs() throws Exception {
    return client.listJobs().get().stream()
        .map(JobStatusMessage::getJobState)
        .filter(state -> !state.isGloballyTerminalState())
        .count();
  }

  /** The names of the jobs that reached their end. */
  List<String> finishedJobs() throws Exception {
    return client.listJobs().get().stream()
        .filter(job -> job.getJobState() == JobStatus.FINISHED)
        .map(JobStatusMessage::getJobName)
        .toList();
  }

  /** Kills a TaskManager at once, and starts another one. */
  void kill(long pid) throws Exception {
    Process killed =
        taskManagers.stream().filter(each -> each.pid() == pid).findFirst().orElseThrow();
    killed.destroyForcibly().waitFor();
    taskManagers.remove(killed);
    startTaskManager();
  }

  /** Sends a signal to a process of this cluster, such as STOP. */
  static void signal(String name, long pid) throws Exception {
    new ProcessBuilder("kill", "-" + name, "" + pid).inheritIO().start().waitFor();
  }

  /** The class path of this JVM, of which the jars of Flink and what they need alone. */
  static String flinkOnly() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .filter(entry -> !OWN_JARS.matcher(Path.of(entry).getFileName().toString()).matches())
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Override
  public void close() throws Exception {
    client.close();
    taskManagers.forEach(Process::destroyForcibly);
    jobManager.destroyForcibly();
    for (Process each : taskManagers) {
      each.waitFor(10, TimeUnit.SECONDS);
    }
    jobManager.waitFor(10, TimeUnit.SECONDS);
  }
}
