package io.tradesync.examples.benchmarks;

import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The catch-up of trades with columns of the user's own, beside that of the same without them. */
@Command(
    name = "attributes",
    description = "Catch-up with and without columns of the user's own, in turns.",
    mixinStandardHelpOptions = true)
public final class AttributesBenchmark implements Callable<Integer> {

  /** Rewrites the table, so that it is as compact as one that was filled with them. */
  private static final String ADD_COLUMNS =
      """
      ALTER TABLE order_book_trades
        ADD COLUMN fee numeric(78, 0) GENERATED ALWAYS AS (div(quantity, 1000)) STORED,
        ADD COLUMN maker text GENERATED ALWAYS AS ('0x' || left(id, 40)) STORED
      """;

  private static final Goal OF_WITHOUT = Goal.minRatio(0.85);

  @Option(names = "--trades", defaultValue = "300000", description = "default: ${DEFAULT-VALUE}")
  private long trades;

  @Option(names = "--rounds", defaultValue = "3", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(names = "--batch", defaultValue = "50", description = "default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(names = "--parallelism", defaultValue = "2", description = "default: ${DEFAULT-VALUE}")
  private int parallelism;

  private final PrintStream out = System.out;
  private final Report report;

  AttributesBenchmark() {
    this(new Report());
  }

  /** Adds its rows to a report. */
  AttributesBenchmark(Report report) {
    this.report = report;
  }

  @Override
  public Integer call() throws Exception {
    String work = "catch-up of %,d with attributes".formatted(trades);
    Standing without = Standing.ofRate(work, "no attributes");
    Standing with = Standing.ofRate(work, "two attributes");
    boolean right = true;
    try (Arena arena = Arena.open(parallelism + 3)) {
      Backlog backlog = arena.makeBacklog("full", trades);
      arena.sql(backlog).update(ADD_COLUMNS);
      arena.sql(backlog).update("VACUUM ANALYZE order_book_trades");
      for (int round = 0; round <= rounds; round++) {
        boolean counts = round > 0;
        right &= measure(arena, backlog, without, counts);
        right &= measure(arena, backlog, with, counts, "fee", "maker");
      }
    }
    report.add(without.row(null));
    report.add(with.row(without, OF_WITHOUT));
    return right ? 0 : 1;
  }

  private boolean measure(
      Arena arena, Backlog backlog, Standing standing, boolean counts, String... columns)
      throws Exception {
    arena.clearStore();
    try (SyncEngine engine =
        SyncEngine.builder()
            .source(
                PonderTradeSource.builder(arena.source())
                    .schema(backlog.schema())
                    .extraColumns(columns)
                    .build())
            .log(PostgresSyncLog.builder(arena.store()).schema(Arena.SCHEMA).build())
            .sink(TimescaleSink.builder().schema(Arena.SCHEMA).build())
            .batchSize(batch)
            .parallelism(parallelism)
            .build()) {
      Taken<SyncResult> taken = Taken.by(arena, engine::run);
      if (counts) {
        standing.addRate(trades, taken.seconds(), taken.used());
      }
      String differences = arena.differences(backlog);
      out.printf("%s: %,.0f/s%n%s", standing.contestant(), trades / taken.seconds(), differences);
      long withAttributes =
          arena
              .storeSql()
              .number(
                  "SELECT count(*) FROM analytics_trades WHERE attributes ->> 'maker' IS NOT NULL");
      return differences.isEmpty()
          && taken.result().processed() == trades
          && withAttributes == (columns.length == 0 ? 0 : trades);
    }
  }
}
