package io.tradesync.examples.benchmarks;

import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.examples.service.verify.Sql;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Repairs trades that are changed, moved, orphaned or late, in key order or strewn over a day, and
 * forces some; against the catch-up of the same day. A rate is that of the repairs alone, from the
 * end of the comparison to the end of the run, but where it says otherwise.
 */
@Command(
    name = "repairs",
    description = "Repairs trades of one day, beside the catch-up of that day.",
    mixinStandardHelpOptions = true)
public final class RepairsBenchmark implements Callable<Integer> {

  private static final String IN_KEY_ORDER =
      """
      (SELECT id FROM order_book_trades WHERE "timestamp" >= ?
       ORDER BY "timestamp", id COLLATE "C" LIMIT ?)\
      """;

  private static final String STREWN =
      "(SELECT id FROM order_book_trades ORDER BY md5(id || ?) LIMIT ?)";

  private static final String CATCH_UP = "catch-up";
  private static final String CHANGED = "changed, in key order";
  private static final String MOVED = "moved, in key order";
  private static final String ORPHANED = "orphaned, in key order";
  private static final String LATE_STREWN = "late, strewn, with the comparison";

  /** What is to be reached, as a multiple of the catch-up's rate. */
  private static final Map<String, Goal> GOALS =
      Map.of(
          CHANGED, Goal.minRatio(0.5),
          MOVED, Goal.minRatio(0.5),
          ORPHANED, Goal.minRatio(0.5),
          LATE_STREWN, Goal.minRatio(0.3));

  private static final int VERIFIED_FOR_EACH_LATE = 80;

  @Option(
      names = "--trades",
      defaultValue = "200000",
      description = "trades of the day; default: ${DEFAULT-VALUE}")
  private long trades;

  @Option(
      names = "--repairs",
      defaultValue = "5000",
      description = "trades of each kind of repair; default: ${DEFAULT-VALUE}")
  private long repairs;

  @Option(names = "--batch", defaultValue = "50", description = "default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(names = "--parallelism", defaultValue = "2", description = "default: ${DEFAULT-VALUE}")
  private int parallelism;

  @Option(names = "--rounds", defaultValue = "3", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  private final PrintStream out = System.out;
  private final Report report;
  private final Map<String, Standing> rates = new LinkedHashMap<>();
  private final RepairTimer timer = new RepairTimer();
  private boolean right = true;

  RepairsBenchmark() {
    this(new Report());
  }

  /** Adds its rows to a report. */
  RepairsBenchmark(Report report) {
    this.report = report;
  }

  @Override
  public Integer call() {
    try (Arena arena = Arena.open(parallelism + 3)) {
      for (int round = 0; round <= rounds; round++) {
        play(arena, round > 0);
      }
    }
    Standing catchUp = Objects.requireNonNull(rates.get(CATCH_UP));
    out.printf("%n%-34s %10s %22s%n", "trades a second", "median", "/ that of the catch-up");
    rates.forEach(
        (name, rate) ->
            out.printf(
                "%-34s %,10.0f %22.2f%n",
                name, rate.values().median(), rate.values().ratioTo(catchUp.values())));
    rates.forEach((name, rate) -> report.add(rate.row(catchUp, GOALS.get(name))));
    return right ? 0 : 1;
  }

  private void play(Arena arena, boolean counts) {
    Backlog day = arena.makeDay("day", trades);
    arena.changed(day);
    arena.clearStore();
    Sql source = arena.sql(day);
    long quarter = Arena.SECONDS_PER_DAY / 4;
    try (SyncEngine engine = timer.engine(arena, day, batch, parallelism)) {
      measure(CATCH_UP, engine::run, counts);
      source.update(
          "UPDATE order_book_trades SET price = price + 17 - 34 * (price % 2) WHERE id IN "
              + IN_KEY_ORDER,
          Arena.DAY_START + quarter,
          repairs);
      measure(CHANGED, () -> RepairTimer.compareAll(engine), counts);
      source.update(
          "UPDATE order_book_trades SET \"timestamp\" = \"timestamp\" + 7 WHERE id IN "
              + IN_KEY_ORDER,
          Arena.DAY_START + quarter,
          repairs);
      measure(MOVED, () -> RepairTimer.compareAll(engine), counts);
      source.update(
          "UPDATE order_book_trades SET price = price + 17 - 34 * (price % 2) WHERE id IN "
              + STREWN,
          "a",
          repairs);
      measure("changed, strewn over the day", () -> RepairTimer.compareAll(engine), counts);
      source.update(
          "CREATE TABLE deleted AS SELECT * FROM order_book_trades WHERE id IN " + IN_KEY_ORDER,
          Arena.DAY_START + 2 * quarter,
          repairs);
      source.update("DELETE FROM order_book_trades WHERE id IN (SELECT id FROM deleted)");
      // Retracts nothing yet, but notes what is gone.
      engine.health();
      measure(ORPHANED, () -> RepairTimer.compareAll(engine), counts);
      source.update("INSERT INTO order_book_trades SELECT * FROM deleted");
      source.update("DROP TABLE deleted");
      measure("late, in key order", () -> RepairTimer.compareAll(engine), counts);
      lateStrewn(source, engine, counts);
      long from =
          source.number(
              "SELECT max(\"timestamp\") - 1 - ? * 86400 / ? FROM order_book_trades",
              repairs,
              trades);
      measure("force", () -> engine.forceFromEpochSecond(from), counts);
      String differences = arena.differences(day);
      if (!differences.isEmpty()) {
        out.println("WRONG: " + differences);
        right = false;
      }
    }
  }

  /** Few late trades among many that are verified: most of the time is the comparison. */
  private void lateStrewn(Sql source, SyncEngine engine, boolean counts) {
    source.update(
        "CREATE TABLE late AS SELECT * FROM order_book_trades WHERE id IN " + STREWN,
        "b",
        Math.max(1, trades / VERIFIED_FOR_EACH_LATE));
    source.update("DELETE FROM order_book_trades WHERE id IN (SELECT id FROM late)");
    // Notes what is gone, and retracts it.
    engine.health();
    RepairTimer.compareAll(engine);
    source.update("INSERT INTO order_book_trades SELECT * FROM late");
    source.update("DROP TABLE late");
    CpuTime before = timer.cpu();
    long began = System.nanoTime();
    SyncResult result = RepairTimer.compareAll(engine);
    double seconds = (System.nanoTime() - began) / 1e9;
    add(LATE_STREWN, result, seconds, timer.cpu().since(before), counts);
  }

  private void measure(String name, Supplier<SyncResult> run, boolean counts) {
    SyncResult result = run.get();
    double seconds = timer.seconds();
    add(name, result, seconds, timer.used(), counts);
  }

  private void add(String name, SyncResult result, double seconds, CpuTime used, boolean counts) {
    double rate = result.processed() / seconds;
    out.printf("%s: %s, %,.0f a second%n", name, result.message(), rate);
    if (!result.success() || result.processed() == 0) {
      out.println("WRONG");
      right = false;
    }
    if (counts) {
      rates
          .computeIfAbsent(name, of -> Standing.ofRate("repairs of a day", name))
          .addRate(result.processed(), seconds, used);
    }
  }
}
