package io.tradesync.examples.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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

  /** What the library is to reach, as a multiple of the limit. */
  private static final Map<String, Goal> OF_LIMIT =
      Map.of(
          LibraryContestant.name(50, 1), Goal.minRatio(1.2),
          LibraryContestant.name(50, 2), Goal.minRatio(1.4),
          LibraryContestant.name(5_000, 1), Goal.minRatio(1.5),
          LibraryContestant.name(5_000, 2), Goal.minRatio(2));

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
  private final Report report;

  ContestBenchmark() {
    this(new Report());
  }

  /** Adds its rows to a report. */
  ContestBenchmark(Report report) {
    this.report = report;
  }

  private record Entrant(Contestant contestant, Standing standing) {
    String name() {
      return contestant.name();
    }

    Series rates() {
      return standing.values();
    }
  }

  @Override
  public Integer call() throws Exception {
    String work = "catch-up of %,d".formatted(trades);
    List<Entrant> entrants =
        contestants().stream()
            .map(it -> new Entrant(it, Standing.ofRate(work, it.name())))
            .toList();
    try (Arena arena = Arena.open(STORE_CONNECTIONS)) {
      Backlog small = arena.makeBacklog("part", part);
      Backlog full = arena.makeBacklog("full", trades);
      report.machine(arena.machine());
      out.printf("%s; %,d trades%n", arena.machine(), trades);
      boolean right = true;
      for (Entrant entrant : entrants) {
        Standing warmUp = Standing.ofRate(work, entrant.name());
        right &= measure(new Entrant(entrant.contestant, warmUp), arena, small);
      }
      for (int round = 1; round <= rounds; round++) {
        for (Entrant entrant : entrants) {
          right &= measure(entrant, arena, entrant.contestant.isSlow() ? small : full);
        }
      }
      print(entrants);
      report(entrants);
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

  /** Measures one contestant; returns whether the rows that it wrote are right. */
  private boolean measure(Entrant entrant, Arena arena, Backlog backlog) throws Exception {
    Contestant contestant = entrant.contestant;
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
    entrant.standing.addRate(backlog.trades(), seconds, used);
    out.printf(
        "%-52s %,9d trades %8.1f s %,8.0f/s, CPU %.1f s JVM, %.1f s PostgreSQL%n%s",
        contestant.name(), backlog.trades(), seconds, rate, used.jvm(), used.server(), differences);
    return differences.isEmpty();
  }

  private void report(List<Entrant> entrants) {
    Optional<Standing> limit = fastest(entrants, name -> name.startsWith("limit"));
    Standing baseline =
        limit
            .or(() -> fastest(entrants, name -> name.matches("Spring Batch.*chunk 50")))
            .orElse(null);
    for (Entrant entrant : entrants) {
      Goal goal = limit.isPresent() ? OF_LIMIT.get(entrant.name()) : null;
      report.add(entrant.standing.row(baseline, goal));
    }
  }

  private void print(List<Entrant> entrants) {
    Optional<Series> limit = ratesOf(entrants, name -> name.startsWith("limit"));
    Optional<Series> loop = ratesOf(entrants, name -> name.startsWith("plain loop"));
    Optional<Series> chunk50 = ratesOf(entrants, name -> name.matches("Spring Batch.*chunk 50"));
    Optional<Series> spring = ratesOf(entrants, name -> name.startsWith("Spring Batch"));
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
    for (Entrant entrant : entrants) {
      Series rates = entrant.rates();
      out.printf(
          "%-52s %,9.0f %,9.0f %,9.0f | %8s %8s %10s %8s | %8.1f %8.1f%n",
          entrant.name(),
          rates.median(),
          rates.min(),
          rates.max(),
          ratio(rates, limit),
          ratio(rates, loop),
          ratio(rates, chunk50),
          ratio(rates, spring),
          entrant.standing.jvmMicros().median(),
          entrant.standing.serverMicros().median());
    }
    out.printf(
        "Spring50: its faster reader at chunk 50; Spring: its fastest. Ratios are medians of those"
            + " of each round. us: CPU time a trade, in microseconds.%n");
  }

  private static Optional<Series> ratesOf(List<Entrant> entrants, Predicate<String> name) {
    return fastest(entrants, name).map(Standing::values);
  }

  private static Optional<Standing> fastest(List<Entrant> entrants, Predicate<String> name) {
    return entrants.stream()
        .filter(entrant -> name.test(entrant.name()))
        .map(Entrant::standing)
        .max(Comparator.comparingDouble(standing -> standing.values().median()));
  }

  private static String ratio(Series series, Optional<Series> other) {
    return other.map(against -> "%.2f".formatted(series.ratioTo(against))).orElse("-");
  }
}
