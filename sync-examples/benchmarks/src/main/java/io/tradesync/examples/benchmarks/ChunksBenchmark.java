package io.tradesync.examples.benchmarks;

import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.examples.service.verify.Sql;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Fills and repairs a plain table and hypertables of few and of many chunks, in turns. The store
 * that ANALYTICS_JDBC_URL names must have TimescaleDB, in the schema public.
 *
 * <p>The chunks are compressed before each kind of repair, but for the newest one. The trades to be
 * repaired are strewn over all of them. A rate is that of the repairs alone, from the end of the
 * comparison to the end of the run.
 */
@Command(
    name = "chunks",
    description = "Fills and repairs hypertables beside a plain table; needs TimescaleDB.",
    mixinStandardHelpOptions = true)
public final class ChunksBenchmark implements Callable<Integer> {

  /** The number of chunks that stands for a plain table. */
  private static final int PLAIN = 0;

  private static final String CATCH_UP = "catch-up, plain or hypertable, workers: ";
  private static final String ALL_REPAIRS = "all repairs, compressed";
  private static final String NEWEST = "the newest forced";
  private static final Map<String, Goal> GOALS =
      Map.of(
          CATCH_UP + 1,
          Goal.minRatio(0.95),
          CATCH_UP + 2,
          Goal.minRatio(0.95),
          ALL_REPAIRS,
          Goal.minRatio(1.0 / 3),
          NEWEST,
          Goal.minRatio(0.5));

  private static final String STREWN =
      "(SELECT id FROM order_book_trades ORDER BY md5(id || ?) LIMIT ?)";

  private static final String MAKE_PLAIN =
      """
      CREATE TABLE plain (LIKE analytics_trades INCLUDING ALL);
      DROP TABLE analytics_trades;
      ALTER TABLE plain RENAME TO analytics_trades\
      """;

  private static final String MAKE_CHUNKS =
      "SELECT public.set_chunk_time_interval('analytics_trades', make_interval(secs => %d))";

  private static final String ALLOW_COMPRESSION =
      """
      ALTER TABLE analytics_trades SET (timescaledb.compress,
        timescaledb.compress_segmentby = '', timescaledb.compress_orderby = 'ts, trade_id')\
      """;

  private static final String COMPRESS =
      """
      SELECT public.compress_chunk(c, true)
      FROM (
        SELECT set_config('timescaledb.compression_batch_size_limit', '%d', false) OFFSET 0) AS s
      CROSS JOIN public.show_chunks('analytics_trades', older_than => (
        SELECT max(range_start) FROM timescaledb_information.chunks
        WHERE hypertable_schema = current_schema())) AS c\
      """;

  @Option(names = "--trades", defaultValue = "200000", description = "default: ${DEFAULT-VALUE}")
  private long trades;

  @Option(
      names = "--repairs",
      defaultValue = "400",
      description = "trades of each of the five kinds of repair; default: ${DEFAULT-VALUE}")
  private long repairs;

  @Option(
      names = "--forced",
      defaultValue = "3000",
      description = "the newest trades that are forced; default: ${DEFAULT-VALUE}")
  private long forced;

  @Option(
      names = "--chunks",
      split = ",",
      defaultValue = "5,157",
      description = "default: ${DEFAULT-VALUE}")
  private List<Integer> chunks = List.of();

  @Option(names = "--batch", defaultValue = "50", description = "default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(
      names = "--compressed-batch",
      defaultValue = "1000",
      description = "rows that TimescaleDB compresses as one batch; default: ${DEFAULT-VALUE}")
  private int compressedBatch;

  @Option(names = "--rounds", defaultValue = "3", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(names = "--fill-only", description = "measures no repairs")
  private boolean fillOnly;

  @Option(names = "--repair-only", description = "measures no catch-up")
  private boolean repairOnly;

  private final PrintStream out = System.out;
  private final Report report;
  private final Map<String, TreeMap<Integer, Standing>> rates = new TreeMap<>();
  private final RepairTimer timer = new RepairTimer();
  private boolean right = true;

  // Of the repairs of the current round, over all kinds.
  private long repaired;
  private double repairSeconds;
  private CpuTime repairCpu = CpuTime.UNKNOWN;

  ChunksBenchmark() {
    this(new Report());
  }

  /** Adds its rows to a report. */
  ChunksBenchmark(Report report) {
    this.report = report;
  }

  @Override
  public Integer call() {
    try (Arena arena = Arena.open(5)) {
      Optional<String> missing = missing(arena);
      if (missing.isPresent()) {
        out.println("not run: " + missing.get());
        report.notRun("catch-up into a hypertable", missing.get());
        return 0;
      }
      for (int round = 0; round <= rounds; round++) {
        boolean counts = round > 0;
        for (int workers : repairOnly ? List.<Integer>of() : List.of(1, 2)) {
          Backlog backlog = arena.makeBacklog("chunks", trades);
          arena.changed(backlog);
          fill(arena, backlog, PLAIN, workers, counts);
          chunks.forEach(of -> fill(arena, backlog, of, workers, counts));
        }
        if (!fillOnly) {
          repair(arena, PLAIN, counts);
          chunks.forEach(of -> repair(arena, of, counts));
        }
      }
    }
    out.printf(
        "%n%-42s %-12s %10s %8s %18s %8s%n",
        "", "", "trades/s", "/ plain", "server µs/trade", "/ plain");
    rates.forEach(
        (name, byChunks) ->
            byChunks.forEach(
                (of, rate) -> print(name, of, rate, byChunks.firstEntry().getValue())));
    return right ? 0 : 1;
  }

  /** Returns what the store lacks for this, if anything. */
  private static Optional<String> missing(Arena arena) {
    boolean isThere =
        arena.storeSql().number("SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'")
            > 0;
    return isThere ? Optional.empty() : Optional.of("the store has no TimescaleDB");
  }

  private void print(String name, int of, Standing rate, Standing plain) {
    out.printf(
        "%-42s %-12s %,10.0f %8.2f %,18.0f %8.2f%n",
        name,
        rate.contestant(),
        rate.values().median(),
        rate.values().ratioTo(plain.values()),
        rate.serverMicros().median(),
        rate.serverMicros().ratioTo(plain.serverMicros()));
    report.add(rate.row(plain, of == PLAIN ? null : GOALS.get(name)));
  }

  private void fill(Arena arena, Backlog backlog, int of, int workers, boolean counts) {
    arena.clearStore();
    try (SyncEngine engine = timer.engine(arena, backlog, batch, workers)) {
      shape(arena, of);
      measure(CATCH_UP + workers, of, engine::run, counts);
    }
    check(arena, backlog);
  }

  private void repair(Arena arena, int of, boolean counts) {
    repaired = 0;
    repairSeconds = 0;
    repairCpu = new CpuTime(0, 0);
    Backlog backlog = arena.makeBacklog("chunks", trades);
    arena.changed(backlog);
    arena.clearStore();
    Sql source = arena.sql(backlog);
    try (SyncEngine engine = timer.engine(arena, backlog, batch, 2)) {
      shape(arena, of);
      measure("catch-up", of, engine::run, false);
      measure(NEWEST, of, () -> force(engine, source, forced), counts);
      allowCompression(arena, of);
      source.update(
          "UPDATE order_book_trades SET price = price + 17 - 34 * (price % 2) WHERE id IN "
              + STREWN,
          "a",
          repairs);
      measureCompressed("changed", arena, of, () -> RepairTimer.compareAll(engine), counts);
      source.update(
          "UPDATE order_book_trades SET \"timestamp\" = \"timestamp\" + 7 WHERE id IN " + STREWN,
          "b",
          repairs);
      measureCompressed("moved", arena, of, () -> RepairTimer.compareAll(engine), counts);
      source.update(
          "CREATE TABLE deleted AS SELECT * FROM order_book_trades WHERE id IN " + STREWN,
          "c",
          repairs);
      source.update("DELETE FROM order_book_trades WHERE id IN (SELECT id FROM deleted)");
      // Retracts nothing yet, but notes what is gone.
      engine.health();
      measureCompressed("retracted", arena, of, () -> RepairTimer.compareAll(engine), counts);
      source.update("INSERT INTO order_book_trades SELECT * FROM deleted");
      source.update("DROP TABLE deleted");
      measureCompressed("late", arena, of, () -> RepairTimer.compareAll(engine), counts);
      measureCompressed("forced", arena, of, () -> force(engine, source, repairs * 5), counts);
    }
    if (counts) {
      standing(ALL_REPAIRS, of).addRate(repaired, repairSeconds, repairCpu);
    }
    check(arena, backlog);
  }

  private static String shape(int of) {
    return of == PLAIN ? "plain table" : of + " chunks";
  }

  /** Makes the empty table of trades what is to be measured. */
  private void shape(Arena arena, int of) {
    if (of == PLAIN) {
      List.of(MAKE_PLAIN.split(";")).forEach(arena.storeSql()::update);
    } else {
      long span = trades / Arena.TRADES_PER_SECOND;
      arena.storeSql().texts(MAKE_CHUNKS.formatted((span + of - 1) / of));
    }
  }

  private static void allowCompression(Arena arena, int of) {
    if (of != PLAIN) {
      arena.storeSql().update(ALLOW_COMPRESSION);
    }
  }

  private SyncResult force(SyncEngine engine, Sql source, long newest) {
    return engine.forceFromEpochSecond(
        source.number("SELECT max(\"timestamp\") FROM order_book_trades")
            - newest / Arena.TRADES_PER_SECOND);
  }

  private void measureCompressed(
      String name, Arena arena, int of, Supplier<SyncResult> run, boolean counts) {
    if (of != PLAIN) {
      arena.storeSql().texts(COMPRESS.formatted(compressedBatch));
    }
    Taken<SyncResult> taken = measure(name + ", compressed", of, run, counts);
    repaired += taken.result().processed();
    repairSeconds += taken.seconds();
    repairCpu = repairCpu.plus(taken.used());
  }

  private Taken<SyncResult> measure(String name, int of, Supplier<SyncResult> run, boolean counts) {
    SyncResult result = run.get();
    Taken<SyncResult> taken = new Taken<>(result, timer.seconds(), timer.used());
    out.printf(
        "%s, %s: %s, %.2f s, CPU %.2f s here and %.2f s of the store%n",
        name,
        shape(of),
        result.message(),
        taken.seconds(),
        taken.used().jvm(),
        taken.used().server());
    if (!result.success() || result.processed() == 0 || result.errors() > 0) {
      out.println("WRONG");
      right = false;
    }
    if (counts) {
      standing(name, of).addRate(result.processed(), taken.seconds(), taken.used());
    }
    return taken;
  }

  private Standing standing(String name, int of) {
    return rates
        .computeIfAbsent(name, any -> new TreeMap<>())
        .computeIfAbsent(of, any -> Standing.ofRate(name, shape(of)));
  }

  private void check(Arena arena, Backlog backlog) {
    String differences = arena.differences(backlog);
    if (!differences.isEmpty()) {
      out.println("WRONG: " + differences);
      right = false;
    }
  }
}
