package io.tradesync.examples.benchmarks;

import io.tradesync.examples.service.embedded.EmbeddedServers;
import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.settings.Setting;
import io.tradesync.examples.service.verify.Sql;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs all benchmarks of docs/PERFORMANCE.md one after the other, and prints one table. Servers
 * that no setting names are embedded, with fsync, and shared by all.
 */
@Command(
    name = "all",
    description = {
      "Runs all benchmarks one after the other and prints one table. Source, store and Redis are",
      "embedded, with fsync, or those named by PONDER_JDBC_URL, ANALYTICS_JDBC_URL, REDIS_URL."
    },
    mixinStandardHelpOptions = true)
public final class AllBenchmark implements Callable<Integer> {

  private record Part(
      String name, Function<Report, Callable<Integer>> benchmark, String normal, String small) {}

  private static final List<Part> PARTS =
      List.of(
          new Part(
              "catch-up",
              ContestBenchmark::new,
              "--trades 1000000 --rounds 2 --only batch.(50|5000),.parallelism.[12]|limit",
              "--trades 600 --part 120 --rounds 1 --only batch.(50|5000),.parallelism.[12]|limit"),
          new Part(
              "spring-batch",
              ContestBenchmark::new,
              "--trades 200000 --rounds 2 --only batch.50,.parallelism.2|cursor,.chunk|loop",
              "--trades 500 --part 100 --rounds 1 --only"
                  + " batch.50,.parallelism.2|(cursor|paging),.chunk.50|loop"),
          new Part("whole", WholeBenchmark::new, "--trades 1000000", "--trades 600 --rounds 1"),
          new Part(
              "attributes",
              AttributesBenchmark::new,
              "--trades 200000 --rounds 2",
              "--trades 600 --rounds 1"),
          new Part("audit", AuditBenchmark::new, "--rounds 2", "--trades 600 --holes 7 --rounds 1"),
          new Part(
              "repairs",
              RepairsBenchmark::new,
              "--rounds 1",
              "--trades 800 --repairs 40 --rounds 1"),
          new Part(
              "chunks",
              ChunksBenchmark::new,
              "--fill-only --rounds 2",
              "--fill-only --trades 600 --rounds 1"),
          new Part(
              "stream",
              StreamBenchmark::new,
              "--trades 100000",
              "--trades 600 --batch 100 --rounds 1"),
          new Part(
              "live",
              LiveBenchmark::new,
              "--seconds 10",
              "--entries 500 --baseline 20 --seconds 1 --rate 100,300"),
          new Part("hints", HintsBenchmark::new, "", "--rate 300 --seconds 1"),
          new Part(
              "sleeping",
              SleepingSinkBenchmark::new,
              "--trades 10000 --rounds 2",
              "--trades 500 --rounds 1 --parallelism 1,4"),
          new Part("memory", MemoryBenchmark::new, "", "--trades 600 --advised"));

  @Option(names = "--small", description = "a few hundred trades each: whether all of it works")
  private boolean isSmall;

  @Option(
      names = "--only",
      description = "a regular expression that finds the names of the benchmarks to run")
  private @Nullable Pattern only;

  @Option(names = "--json", description = "the file for the figures; default: ${DEFAULT-VALUE}")
  private Path json = Path.of("target", "bench.json");

  @Option(
      names = "--audit-options",
      defaultValue = "",
      description = "further options of the benchmark 'audit', such as --pg-comparator=COMMAND")
  private String auditOptions = "";

  private final PrintStream out = System.out;
  private final Report report = new Report();

  @Override
  public Integer call() throws Exception {
    // Must precede the first logger. A log line per batch would distort the measurement.
    System.setProperty("TRADESYNC_LOG_LEVEL", "WARN");
    List<String> failed = new ArrayList<>();
    try (EmbeddedServers servers = new EmbeddedServers()) {
      List<String> named = nameServers(servers);
      for (Part part : PARTS) {
        if (only == null || only.matcher(part.name).find()) {
          out.printf("%n== %s%n", part.name);
          if (!isMeasured(part)) {
            failed.add(part.name);
          }
        }
      }
      named.forEach(System::clearProperty);
    }
    report.print(out);
    report.write(json);
    out.println("written to " + json);
    failed.forEach(name -> out.println("WRONG: " + name));
    return failed.isEmpty() ? 0 : 1;
  }

  /** Runs a benchmark; returns whether its results are right and it added its rows. */
  private boolean isMeasured(Part part) {
    int before = report.size();
    List<String> options = new ArrayList<>(words(isSmall ? part.small : part.normal));
    if (part.name.equals("audit")) {
      options.addAll(words(auditOptions));
    }
    int exit =
        new CommandLine(part.benchmark.apply(report)).execute(options.toArray(String[]::new));
    return exit == 0
        && report.size() > before
        && report.rows().stream().skip(before).allMatch(row -> Double.isFinite(row.value()));
  }

  private static List<String> words(String options) {
    return options.isBlank() ? List.of() : List.of(options.strip().split("\\s+"));
  }

  /** Names embedded servers as if the user had named them; returns the settings that it made. */
  private static List<String> nameServers(EmbeddedServers servers) {
    List<String> named = new ArrayList<>();
    if (isEmbedded(DeclaredSettings.ANALYTICS_JDBC_URL, () -> servers.postgresUrl("analytics"))) {
      named.add(DeclaredSettings.ANALYTICS_JDBC_URL.name());
      Sql store = new Sql(servers.postgresUrl("analytics"));
      store.update("ALTER SYSTEM SET fsync = on");
      store.texts("SELECT pg_reload_conf()");
    }
    if (isEmbedded(DeclaredSettings.PONDER_JDBC_URL, () -> servers.postgresUrl("ponder"))) {
      named.add(DeclaredSettings.PONDER_JDBC_URL.name());
    }
    if (isEmbedded(DeclaredSettings.REDIS_URL, servers::redisUrl)) {
      named.add(DeclaredSettings.REDIS_URL.name());
    }
    return named;
  }

  private static boolean isEmbedded(Setting<?> setting, Supplier<String> url) {
    if (System.getenv(setting.name()) != null || System.getProperty(setting.name()) != null) {
      return false;
    }
    System.setProperty(setting.name(), url.get());
    return true;
  }
}
