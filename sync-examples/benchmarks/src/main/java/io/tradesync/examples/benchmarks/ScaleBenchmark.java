package io.tradesync.examples.benchmarks;

import io.tradesync.AuditReport;
import io.tradesync.SyncEngine;
import io.tradesync.SyncHealth;
import io.tradesync.SyncResult;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The same work at several sizes: which costs stay flat, and which grow. Sizes on disk and the
 * write-ahead log are those of the store; the source must be at rest, since both may be on one
 * server.
 */
@Command(
    name = "scale",
    description = "Catch-up, health, empty run, audit, memory and disk at several sizes.",
    mixinStandardHelpOptions = true)
public final class ScaleBenchmark implements Callable<Integer> {

  private static final Goal HEALTH = Goal.max(20);

  private static final String BYTES =
      """
      SELECT sum(pg_total_relation_size(c.oid))::bigint
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = current_schema() AND c.relkind = 'r'
      """;

  private static final String WAL = "SELECT (pg_current_wal_lsn() - '0/0')::bigint";

  private static final List<String> BOOKKEEPING =
      List.of("sync_unverified", "sync_tracked_id", "sync_run", "sync_handed_out");

  @Option(
      names = "--trades",
      split = ",",
      defaultValue = "1000,100000,10000000",
      description = "the sizes, the smallest first; default: ${DEFAULT-VALUE}")
  private List<Long> sizes = List.of();

  @Option(names = "--batch", defaultValue = "50", description = "default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(names = "--parallelism", defaultValue = "2", description = "default: ${DEFAULT-VALUE}")
  private int parallelism;

  @Option(
      names = "--unproven",
      description =
          "does not compare the result with plain SQL, which sorts all trades at the largest sizes")
  private boolean isUnproven;

  @Option(names = "--json", description = "a file for the figures")
  private @Nullable Path json;

  private final PrintStream out = System.out;
  private final Report report;
  private boolean right = true;

  ScaleBenchmark() {
    this(new Report());
  }

  /** Adds its rows to a report. */
  ScaleBenchmark(Report report) {
    this.report = report;
  }

  @Override
  public Integer call() throws Exception {
    for (long trades : sizes) {
      // Servers of its own for each size, which leave their disk to the next one.
      try (Arena arena = Arena.open(parallelism + 3)) {
        report.machine(arena.machine());
        measure(arena, arena.makeBacklog("scale", trades));
      }
    }
    report.print(out);
    if (json != null) {
      report.write(json);
    }
    return right ? 0 : 1;
  }

  private void measure(Arena arena, Backlog backlog) throws Exception {
    arena.clearStore();
    long trades = backlog.trades();
    String work = "%,d trades".formatted(trades);
    Standing catchUp = Standing.ofRate(work, "catch-up");
    try (SyncEngine engine = LibraryContestant.engine(arena, backlog, batch, parallelism)) {
      long walBefore = arena.storeSql().number(WAL);
      HeapPeak.reset();
      Taken<SyncResult> filled = Taken.by(arena, engine::run);
      catchUp.addRate(trades, filled.seconds(), filled.used());
      report.add(catchUp.row(null));
      add(work, "peak of the heap, catch-up", Unit.MEGABYTES, (double) HeapPeak.megabytes());
      long wal = arena.storeSql().number(WAL) - walBefore;
      add(work, "write-ahead log", Unit.BYTES_A_TRADE, (double) wal / trades);
      long bytes = arena.storeSql().number(BYTES);
      add(work, "store on disk", Unit.BYTES_A_TRADE, (double) bytes / trades);
      Taken<SyncHealth> health = Taken.by(arena, engine::health);
      add(work, "health right after", Unit.MILLISECONDS, health.millis(), HEALTH);
      add(work, "empty run", Unit.MILLISECONDS, Taken.by(arena, engine::run).millis());
      add(work, "health again", Unit.MILLISECONDS, Taken.by(arena, engine::health).millis());
      HeapPeak.reset();
      Taken<AuditReport> audit = Taken.by(arena, engine::audit);
      add(work, "audit", Unit.MILLISECONDS, audit.millis());
      add(work, "peak of the heap, audit", Unit.MEGABYTES, (double) HeapPeak.megabytes());
      for (String table : BOOKKEEPING) {
        add(
            work,
            "rows of " + table,
            Unit.ROWS,
            (double) arena.storeSql().number("SELECT count(*) FROM " + table));
      }
      right &=
          filled.result().processed() == trades
              && health.result().gaps().total() == 0
              && audit.result().gaps().total() == 0
              && (isUnproven || isProven(arena, backlog));
    }
  }

  private boolean isProven(Arena arena, Backlog backlog) {
    String differences = arena.differences(backlog);
    out.print(differences);
    return differences.isEmpty();
  }

  private void add(String work, String name, Unit unit, double value) {
    report.add(row(work, name, unit, value).row(null));
  }

  private void add(String work, String name, Unit unit, double value, Goal goal) {
    report.add(row(work, name, unit, value).row(goal));
  }

  private Standing row(String work, String name, Unit unit, double value) {
    out.printf("%s: %s: %,.1f %s%n", work, name, value, unit.text());
    Standing standing = new Standing(work, name, unit);
    standing.add(value);
    return standing;
  }
}
