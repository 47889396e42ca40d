package io.tradesync.examples.benchmarks;

import io.tradesync.RunKind;
import io.tradesync.SyncEngine;
import io.tradesync.SyncHealth;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Closes a gap of many trades between two databases, checks the outcome with plain SQL, and
 * compares the rate with that of a plain loop.
 */
@Command(
    name = "backlog",
    description = {
      "Closes a gap of many trades, on embedded servers or on those named by PONDER_JDBC_URL and",
      "ANALYTICS_JDBC_URL, where it uses schemas of its own, tradesync_bench..., and drops them."
    },
    mixinStandardHelpOptions = true)
public final class BacklogBenchmark implements Callable<Integer> {

  @Option(names = "--trades", defaultValue = "1000000", description = "default: ${DEFAULT-VALUE}")
  private long trades;

  @Option(names = "--batch", defaultValue = "50", description = "default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(names = "--parallelism", defaultValue = "2", description = "default: ${DEFAULT-VALUE}")
  private int parallelism;

  @Option(
      names = "--baseline",
      defaultValue = "5000",
      description =
          "trades of the plain loop, half of them before and half after the run;"
              + " default: ${DEFAULT-VALUE}")
  private long baseline;

  private final PrintStream out = System.out;

  @Override
  public Integer call() throws Exception {
    try (Arena arena = Arena.open(parallelism + 3)) {
      Backlog part = arena.makeBacklog("part", baseline / 2);
      Backlog backlog = arena.makeBacklog("full", trades);
      out.printf("%,d trades in the source%n", trades);
      double before = plainLoop(arena, part);
      arena.clearStore();
      boolean right;
      double rate;
      try (SyncEngine engine =
          LibraryContestant.engine(arena, backlog, batch, parallelism, new PlanningTime())) {
        rate = closeGap(engine);
        right = verify(engine, arena, backlog);
      }
      double plain = (before + plainLoop(arena, part)) / 2;
      out.printf("plain loop, one transaction a trade: %,.0f trades/s%n", plain);
      out.printf("ratio: %.1f%n", rate / plain);
      return right ? 0 : 1;
    }
  }

  private static double plainLoop(Arena arena, Backlog part) throws Exception {
    arena.clearStore();
    try (Contestant.Attempt attempt = new PlainLoop().prepare(arena, part)) {
      long began = System.nanoTime();
      attempt.run();
      return part.trades() / ((System.nanoTime() - began) / 1e9);
    }
  }

  private double closeGap(SyncEngine engine) {
    HeapPeak.reset();
    SyncResult result = engine.run();
    double rate = result.processed() / (result.duration().toMillis() / 1_000.0);
    out.printf("%s in %,d ms%n", result.message(), result.duration().toMillis());
    out.printf(
        "batch %d, parallelism %d: %,.0f trades/s; heap at most %d of %d MB%n",
        batch, parallelism, rate, HeapPeak.megabytes(), Runtime.getRuntime().maxMemory() >> 20);
    return rate;
  }

  /** Prints how long the run took to count the missing trades. */
  private final class PlanningTime implements SyncListener {
    private long started;

    @Override
    public void runStarted(String runId, RunKind kind) {
      started = System.nanoTime();
    }

    @Override
    public void runPlanned(String runId, long total) {
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);
      out.printf("planned: %,d missing trades in %,d ms%n", total, millis);
    }
  }

  private boolean verify(SyncEngine engine, Arena arena, Backlog backlog) {
    long began = System.nanoTime();
    SyncHealth health = engine.health();
    out.printf(
        "health: %s, in %,d ms%n",
        health.recommendation(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    String differences = arena.differences(backlog);
    boolean right = health.gaps().total() == 0 && differences.isEmpty();
    out.printf("%s%s%n", differences, right ? "ok: log, trades and candles are right" : "WRONG");
    return right;
  }
}
