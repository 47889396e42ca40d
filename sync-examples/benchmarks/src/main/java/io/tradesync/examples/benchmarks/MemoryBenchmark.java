package io.tradesync.examples.benchmarks;

import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.verify.Sql;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The resident memory of the service after its start and after it closed a gap: with the options
 * that its users are advised to start it with, and with those that the JVM chooses.
 */
@Command(
    name = "memory",
    description = "Resident memory of the service, started in several ways.",
    mixinStandardHelpOptions = true)
public final class MemoryBenchmark implements Callable<Integer> {

  /** The options in the files of {@code service/deploy} and in the README. */
  static final String ADVISED = "-XX:+UseSerialGC -Xms96m";

  private static final Goal BELOW = Goal.max(350);
  private static final String DATABASE = "tradesync_bench_service";

  @Option(names = "--trades", defaultValue = "1000000", description = "default: ${DEFAULT-VALUE}")
  private long trades;

  @Option(
      names = "--options",
      description = "options for Java, separated by blanks; may be given several times")
  private List<String> options = List.of();

  @Option(names = "--advised", description = "measures the advised options alone")
  private boolean isAdvisedOnly;

  private final PrintStream out = System.out;
  private final Report report;

  MemoryBenchmark() {
    this(new Report());
  }

  /** Adds its rows to a report. */
  MemoryBenchmark(Report report) {
    this.report = report;
  }

  @Override
  public Integer call() throws Exception {
    boolean right = true;
    try (Arena arena = Arena.open(2)) {
      Backlog backlog = arena.makeBacklog("full", trades);
      for (String each : options()) {
        Sql server = arena.storeServerSql();
        server.update("DROP DATABASE IF EXISTS " + DATABASE);
        server.update("CREATE DATABASE " + DATABASE);
        try {
          right &= measure(arena, backlog, each);
        } finally {
          server.update("DROP DATABASE " + DATABASE + " WITH (FORCE)");
        }
      }
    }
    return right ? 0 : 1;
  }

  private List<String> options() {
    if (isAdvisedOnly) {
      return List.of(ADVISED);
    }
    return options.isEmpty() ? List.of("", ADVISED) : options;
  }

  private boolean measure(Arena arena, Backlog backlog, String jvmOptions) throws Exception {
    List<String> split = new ArrayList<>(List.of(jvmOptions.split(" ")));
    split.removeIf(String::isBlank);
    Map<String, String> settings =
        Map.of(
            DeclaredSettings.PONDER_JDBC_URL.name(), arena.url(backlog),
            DeclaredSettings.PONDER_SCHEMA.name(), backlog.schema(),
            DeclaredSettings.ANALYTICS_JDBC_URL.name(), arena.storeUrl(DATABASE),
            DeclaredSettings.REDIS_URL.name(), arena.redisUrl(),
            DeclaredSettings.SYNC_STREAM.name(), DATABASE,
            DeclaredSettings.SYNC_HTTP_PORT.name(), "0");
    try (ServiceProcess service = ServiceProcess.start(split, settings)) {
      double started = service.residentMegabytes();
      String answer = service.call("POST", "/api/sync/run");
      double peak = service.peakMegabytes();
      String name =
          jvmOptions.isEmpty()
              ? "no options"
              : jvmOptions.equals(ADVISED) ? "the advised options" : jvmOptions;
      out.printf("%s: %.0f MB at the start, %.0f MB at most; %s%n", name, started, peak, answer);
      add("service started: resident memory", name, started, jvmOptions);
      add("gap of %,d closed: resident memory at most".formatted(trades), name, peak, jvmOptions);
      return answer.contains("%1$d/%1$d trades processed".formatted(trades));
    }
  }

  private void add(String work, String name, double megabytes, String jvmOptions) {
    if (Double.isNaN(megabytes)) {
      report.notRun(work, "this system has no /proc");
      return;
    }
    Standing standing = new Standing(work, name, Unit.MEGABYTES);
    standing.add(megabytes);
    report.add(standing.row(jvmOptions.equals(ADVISED) ? BELOW : null));
  }
}
