package io.tradesync.examples.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Closes one gap by several contestants in turns: this library, Spring Batch jobs, a plain loop,
 * and set-based SQL as the upper limit. Plain SQL verifies the rows of each contestant. The exit
 * code is 1 if one of them is wrong.
 */
@Command(
    name = "contest",
    description = "Closes one gap by several contestants in turns; prints medians and ratios.",
    mixinStandardHelpOptions = true)
public final class ContestBenchmark implements Callable<Integer> {

  private static final int STORE_CONNECTIONS = 8;
  private static final List<Integer> BATCHES = List.of(50, 500, 5_000);
  private static final List<Integer> PARALLELISMS = List.of(1, 2, 4);

  @Option(names = "--trades", defaultValue = "1000000", description = "default: ${DEFAULT-VALUE}")
  private long trades;

  @Option(names = "--rounds", defaultValue = "3", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--part",
      defaultValue = "10000",
      description =
          "trades of the warm-up, and of contestants that would take too long on all of them;"
              + " default: ${DEFAULT-VALUE}")
  private long part;

  @Option(
      names = "--only",
      description = "a regular expression that finds the names of those who take part")
  private @Nullable Pattern only;

  private final PrintStream out = System.out;

  /** The results of one contestant: trades a second, and microseconds of CPU time a trade. */
  private record Standing(Contestant contestant, Series rates, Series jvm, Series server) {
    Standing(Contestant contestant) {
      this(contestant, new Series(), new Series(), new Series());
    }

    String name() {
      return contestant.name();
    }
  }

  @Override
  public Integer call() throws Exception {
    List<Standing> standings = contestants().stream().map(Standing::new).toList();
    try (Arena arena = Arena.open(STORE_CONNECTIONS)) {
      Backlog small = arena.makeBacklog("part", part);
      Backlog full = arena.makeBacklog("full", trades);
      out.printf("%s; %,d trades%n", machine(arena), trades);
      boolean right = true;
      for (Standing standing : standings) {
        right &= measure(new Standing(standing.contestant), arena, small);
      }
      for (int round = 1; round <= rounds; round++) {
        for (Standing standing : standings) {
          right &= measure(standing, arena, standing.contestant.isSlow() ? small : full);
        }
      }
      report(standings);
      return right ? 0 : 1;
    }
  }

  private List<Contestant> contestants() {
    List<Contestant> all = new ArrayList<>();
    for (int batch : BATCHES) {
      for (int parallelism : PARALLELISMS) {
        all.add(new LibraryContestant(batch, parallelism));
      }
    }
    all.addAll(SpringBatchContestant.variants());
    all.add(new PlainLoop());
    all.add(new SetBasedLimit());
    Pattern wanted = only;
    return wanted == null
        ? all
        : all.stream().filter(contestant -> wanted.matcher(contestant.name()).find()).toList();
  }

  private static String machine(Arena arena) {
    return "%d processors, Java %s, PostgreSQL %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            Runtime.version(),
            arena.storeSql().texts("SHOW server_version").get(0));
  }

  /** Measures one contestant; returns whether the rows that it wrote are right. */
  private boolean measure(Standing standing, Arena arena, Backlog backlog) throws Exception {
    Contestant contestant = standing.contestant;
    arena.clearStore();
    double seconds;
    CpuTime used;
    try (Contestant.Attempt attempt = contestant.prepare(arena, backlog)) {
      CpuTime before = CpuTime.now(arena.store());
      long began = System.nanoTime();
      attempt.run();
      seconds = (System.nanoTime() - began) / 1e9;
      used = CpuTime.now(arena.store()).since(before);
    }
    String differences = arena.differences(backlog);
    double rate = backlog.trades() / seconds;
    standing.rates.add(rate);
    standing.jvm.add(used.jvm() * 1e6 / backlog.trades());
    standing.server.add(used.server() * 1e6 / backlog.trades());
    out.printf(
        "%-52s %,9d trades %8.1f s %,8.0f/s, CPU %.1f s JVM, %.1f s PostgreSQL%n%s",
        contestant.name(), backlog.trades(), seconds, rate, used.jvm(), used.server(), differences);
    return differences.isEmpty();
  }

  private void report(List<Standing> standings) {
    Optional<Series> limit = fastest(standings, name -> name.startsWith("limit"));
    Optional<Series> loop = fastest(standings, name -> name.startsWith("plain loop"));
    Optional<Series> chunk50 = fastest(standings, name -> name.matches("Spring Batch.*chunk 50"));
    Optional<Series> spring = fastest(standings, name -> name.startsWith("Spring Batch"));
    out.printf(
        "%n%-52s %9s %9s %9s | %8s %8s %10s %8s | %8s %8s%n",
        "trades a second",
        "median",
        "min",
        "max",
        "x limit",
        "x loop",
        "x Spring50",
        "x Spring",
        "us JVM",
        "us in PG");
    for (Standing standing : standings) {
      Series rates = standing.rates;
      out.printf(
          "%-52s %,9.0f %,9.0f %,9.0f | %8s %8s %10s %8s | %8.1f %8.1f%n",
          standing.name(),
          rates.median(),
          rates.min(),
          rates.max(),
          ratio(rates, limit),
          ratio(rates, loop),
          ratio(rates, chunk50),
          ratio(rates, spring),
          standing.jvm.median(),
          standing.server.median());
    }
    out.printf(
        "Spring50: its faster reader at chunk 50; Spring: its fastest. Ratios are medians of those"
            + " of each round. us: CPU time a trade, in microseconds.%n");
  }

  private static Optional<Series> fastest(List<Standing> standings, Predicate<String> name) {
    return standings.stream()
        .filter(standing -> name.test(standing.name()))
        .map(Standing::rates)
        .max(Comparator.comparingDouble(Series::median));
  }

  private static String ratio(Series series, Optional<Series> other) {
    return other.map(against -> "%.2f".formatted(series.ratioTo(against))).orElse("-");
  }
}
