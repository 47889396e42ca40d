package io.tradesync.examples.benchmarks;

import io.tradesync.SyncEngine;
import io.tradesync.SyncHealth;
import io.tradesync.SyncResult;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Fills an empty store, asks for health right afterwards, runs with nothing to do, and forces
 * everything.
 */
@Command(
    name = "whole",
    description = "Catch-up, health right after it, an empty run, and a force of everything.",
    mixinStandardHelpOptions = true)
public final class WholeBenchmark implements Callable<Integer> {

  private static final Goal OF_CATCH_UP = Goal.minRatio(1);
  private static final Goal HEALTH_AFTER_CATCH_UP = Goal.max(20);

  @Option(names = "--trades", defaultValue = "1000000", description = "default: ${DEFAULT-VALUE}")
  private long trades;

  @Option(names = "--rounds", defaultValue = "2", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(names = "--batch", defaultValue = "50", description = "default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(names = "--parallelism", defaultValue = "2", description = "default: ${DEFAULT-VALUE}")
  private int parallelism;

  private final PrintStream out = System.out;
  private final Report report;

  WholeBenchmark() {
    this(new Report());
  }

  /** Adds its rows to a report. */
  WholeBenchmark(Report report) {
    this.report = report;
  }

  @Override
  public Integer call() throws Exception {
    String name = LibraryContestant.name(batch, parallelism);
    String work = "all of %,d".formatted(trades);
    Standing catchUp = Standing.ofRate(work, "catch-up, " + name);
    Standing force = Standing.ofRate(work, "force of everything, " + name);
    Standing health = new Standing(work, "health right after the catch-up", Unit.MILLISECONDS);
    Standing run = new Standing(work, "run with nothing to do", Unit.MILLISECONDS);
    boolean right = true;
    try (Arena arena = Arena.open(parallelism + 3)) {
      Backlog backlog = arena.makeBacklog("full", trades);
      for (int round = 0; round < rounds; round++) {
        arena.clearStore();
        try (SyncEngine engine = LibraryContestant.engine(arena, backlog, batch, parallelism)) {
          right &= add(catchUp, Taken.by(arena, engine::run));
          Taken<SyncHealth> looked = Taken.by(arena, engine::health);
          right &= looked.result().gaps().total() == 0;
          print(health, looked.millis());
          print(run, Taken.by(arena, engine::run).millis());
          right &= add(force, Taken.by(arena, () -> engine.forceFromEpochSecond(0)));
        }
        String differences = arena.differences(backlog);
        out.print(differences);
        right &= differences.isEmpty();
      }
    }
    report.add(catchUp.row(null));
    report.add(force.row(catchUp, OF_CATCH_UP));
    report.add(health.row(HEALTH_AFTER_CATCH_UP));
    report.add(run.row(null));
    return right ? 0 : 1;
  }

  private boolean add(Standing standing, Taken<SyncResult> taken) {
    SyncResult result = taken.result();
    standing.addRate(trades, taken.seconds(), taken.used());
    out.printf(
        "%s: %s, %,.0f/s%n", standing.contestant(), result.message(), trades / taken.seconds());
    return result.success() && result.processed() == trades;
  }

  private void print(Standing standing, double millis) {
    standing.add(millis);
    out.printf("%s: %,.1f ms%n", standing.contestant(), millis);
  }
}
