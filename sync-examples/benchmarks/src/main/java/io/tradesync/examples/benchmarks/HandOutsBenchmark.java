package io.tradesync.examples.benchmarks;

import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures what it costs to record what is handed out to a sink outside the log's transaction: the
 * same catch-up with and without {@code recordBeforeWrite}, in turns. One sink only counts, so that
 * the difference is all there is; the other one upserts each batch into a table of its own. The CPU
 * times of JVM and server tell more than the rates on a machine with other work.
 */
@Command(
    name = "handouts",
    description = "Measures what recordBeforeWrite costs a sink outside the log's transaction.",
    mixinStandardHelpOptions = true)
public final class HandOutsBenchmark implements Callable<Integer> {

  private static final String UPSERT =
      """
      INSERT INTO own_trades AS own (id, revision, second, price) VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE
      SET revision = excluded.revision, second = excluded.second, price = excluded.price
      WHERE own.revision < excluded.revision\
      """;

  @Option(names = "--trades", defaultValue = "200000", description = "default: ${DEFAULT-VALUE}")
  private long trades;

  @Option(names = "--rounds", defaultValue = "5", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(names = "--batch", defaultValue = "50", description = "default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(names = "--parallelism", defaultValue = "2", description = "default: ${DEFAULT-VALUE}")
  private int parallelism;

  private final PrintStream out = System.out;

  private record Contender(
      String name,
      boolean hasTable,
      boolean recordBeforeWrite,
      Series seconds,
      Series jvmMicros,
      Series serverMicros) {
    Contender(String name, boolean hasTable, boolean recordBeforeWrite) {
      this(name, hasTable, recordBeforeWrite, new Series(), new Series(), new Series());
    }
  }

  @Override
  public Integer call() throws SQLException {
    Contender counted = new Contender("a sink that counts, recorded", false, true);
    Contender countedOnly = new Contender("a sink that counts, not recorded", false, false);
    Contender upserted = new Contender("a sink with a table, recorded", true, true);
    Contender upsertedOnly = new Contender("a sink with a table, not recorded", true, false);
    List<Contender> all = List.of(counted, countedOnly, upserted, upsertedOnly);
    boolean right = true;
    try (Arena arena = Arena.open(2 * parallelism + 4)) {
      Backlog backlog = arena.makeBacklog("full", trades);
      for (int round = 0; round <= rounds; round++) {
        for (Contender contender : all) {
          right &= isMeasured(arena, backlog, contender, round > 0);
        }
      }
    }
    out.printf(
        "%-36s %10s %10s %10s | %8s %8s%n",
        "trades/s", "median", "min", "max", "us JVM", "us in PG");
    for (Contender contender : all) {
      Series seconds = contender.seconds;
      out.printf(
          "%-36s %,10.0f %,10.0f %,10.0f | %8.1f %8.1f%n",
          contender.name,
          trades / seconds.median(),
          trades / seconds.max(),
          trades / seconds.min(),
          contender.jvmMicros.median(),
          contender.serverMicros.median());
    }
    out.printf(
        "the time with hand-outs, median of the rounds: %.2f times that without (counts),"
            + " %.2f times (table)%n",
        counted.seconds.ratioTo(countedOnly.seconds),
        upserted.seconds.ratioTo(upsertedOnly.seconds));
    return right ? 0 : 1;
  }

  /** Closes the gap into an empty store; returns false if it went wrong. */
  private boolean isMeasured(Arena arena, Backlog backlog, Contender contender, boolean counts)
      throws SQLException {
    arena.clearStore();
    arena
        .storeSql()
        .update(
            "CREATE TABLE own_trades (id text PRIMARY KEY, revision bigint, second bigint, price"
                + " numeric)");
    AtomicLong written = new AtomicLong();
    AnalyticsSink sink =
        changes -> {
          if (contender.hasTable) {
            upsert(arena, changes);
          }
          written.addAndGet(changes.changes().size());
        };
    try (SyncEngine engine =
        SyncEngine.builder()
            .source(PonderTradeSource.builder(arena.source()).schema(backlog.schema()).build())
            .log(PostgresSyncLog.builder(arena.store()).schema(Arena.SCHEMA).build())
            .sink(sink)
            .recordBeforeWrite(contender.recordBeforeWrite)
            .batchSize(batch)
            .parallelism(parallelism)
            .build()) {
      CpuTime cpuBefore = CpuTime.now(arena.store());
      long began = System.nanoTime();
      SyncResult result = engine.run();
      double seconds = (System.nanoTime() - began) / 1e9;
      CpuTime cpu = CpuTime.now(arena.store()).since(cpuBefore);
      long rows = arena.storeSql().number("SELECT count(*) FROM own_trades");
      boolean isRight =
          result.processed() == trades
              && written.get() == trades
              && rows == (contender.hasTable ? trades : 0)
              && arena.storeSql().number("SELECT count(*) FROM sync_handed_out") == 0;
      if (isRight && counts) {
        contender.seconds.add(seconds);
        contender.jvmMicros.add(cpu.jvm() * 1e6 / trades);
        contender.serverMicros.add(cpu.server() * 1e6 / trades);
      } else if (!isRight) {
        out.printf(
            "WRONG: %s: %s, %,d written, %,d rows%n",
            contender.name, result.message(), written.get(), rows);
      }
      return isRight;
    }
  }

  private static void upsert(Arena arena, TradeBatch changes) throws SQLException {
    try (Connection connection = arena.store().getConnection();
        PreparedStatement statement = connection.prepareStatement(UPSERT)) {
      connection.setAutoCommit(false);
      for (TradeChange change : changes.changes()) {
        Trade trade = change.after().orElseThrow();
        statement.setString(1, trade.id());
        statement.setLong(2, change.revision());
        statement.setLong(3, trade.epochSecond());
        statement.setBigDecimal(4, trade.price());
        statement.addBatch();
      }
      statement.executeBatch();
      connection.commit();
    }
  }
}
