package io.tradesync.examples.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.tradesync.SyncEngine;
import io.tradesync.examples.service.verify.Sql;
import io.tradesync.jdbc.PonderTradeSource;
import io.tradesync.jdbc.PostgresSyncLog;
import io.tradesync.jdbc.TimescaleSink;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What the automatic recovery costs both sides at several intervals: while nothing happens, and
 * while trades arrive. Source and store need a server each, or their CPU times cannot be told
 * apart; embedded ones are started so.
 */
@Command(
    name = "load",
    description = "The load of the automatic recovery on source and store.",
    mixinStandardHelpOptions = true)
public final class LoadBenchmark implements Callable<Integer> {

  private static final Goal IDLE = Goal.max(0.5);
  private static final int TICKS_PER_SECOND = 10;

  // A session that became idle tells what it has read up to ten seconds later.
  private static final Duration UNTIL_READS_ARE_COUNTED = Duration.ofSeconds(15);

  private static final String READS =
      """
      SELECT xact_commit::float8 AS transactions, (tup_returned + tup_fetched)::float8 AS rows
      FROM pg_stat_database WHERE datname = current_database()
      """;

  private static final String AUDITS_ENDED =
      "SELECT count(*) FROM sync_run WHERE kind = 'audit' AND ended_at IS NOT NULL";

  private static final String ARRIVE =
      """
      INSERT INTO order_book_trades
      SELECT encode(sha256((? || ' live ' || n)::bytea), 'hex'), 31337, 2500000000 + n, 1000 + n,
        extract(epoch FROM clock_timestamp())::bigint, '0x' || n, 'Buy',
        '0x' || left(encode(sha256(('pool ' || n % 10)::bytea), 'hex'), 40)
      FROM generate_series(1, ?) n
      """;

  @Option(
      names = "--trades",
      defaultValue = "1000000",
      description = "verified trades on both sides; default: ${DEFAULT-VALUE}")
  private long trades;

  @Option(
      names = "--interval",
      split = ",",
      defaultValue = "PT1S,PT10S,PT60S",
      description = "intervals of the automatic recovery; default: ${DEFAULT-VALUE}")
  private List<Duration> intervals = List.of();

  @Option(
      names = "--rate",
      split = ",",
      defaultValue = "0,1000",
      description = "trades that arrive a second; default: ${DEFAULT-VALUE}")
  private List<Integer> rates = List.of();

  @Option(
      names = "--seconds",
      defaultValue = "120",
      description = "how long each is measured; default: ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--confirmation",
      defaultValue = "PT1M",
      description =
          "how long a trade is not final: each run compares these again; default:"
              + " ${DEFAULT-VALUE}")
  private Duration confirmation = Duration.ZERO;

  @Option(names = "--json", description = "a file for the figures")
  private @Nullable Path json;

  private final PrintStream out = System.out;
  private final Report report;

  LoadBenchmark() {
    this(new Report());
  }

  /** Adds its rows to a report. */
  LoadBenchmark(Report report) {
    this.report = report;
  }

  /** What a side has used and read until now. */
  private record Reading(double cpuSeconds, double transactions, double rows) {
    static Reading of(HikariDataSource side, Sql sql) throws SQLException {
      double cpu = CpuTime.now(side).server();
      List<String> reads = sql.texts("SELECT transactions || ' ' || rows FROM (" + READS + ") r");
      String[] numbers = reads.get(0).split(" ", -1);
      return new Reading(cpu, Double.parseDouble(numbers[0]), Double.parseDouble(numbers[1]));
    }
  }

  @Override
  public Integer call() throws Exception {
    boolean right = true;
    try (Arena arena = Arena.openApart(6)) {
      Backlog backlog = arena.makeBacklog("load", trades);
      report.machine(arena.machine());
      for (int rate : rates) {
        for (Duration interval : intervals) {
          right &= measure(arena, backlog, interval, rate);
        }
      }
    }
    report.print(out);
    if (json != null) {
      report.write(json);
    }
    return right ? 0 : 1;
  }

  private boolean measure(Arena arena, Backlog backlog, Duration interval, int rate)
      throws Exception {
    arena.clearStore();
    String doing = rate == 0 ? "idle" : "%,d trades/s".formatted(rate);
    String work = "recovery each %.0f s, %s".formatted(interval.toMillis() / 1e3, doing);
    try (SyncEngine engine =
        SyncEngine.builder()
            .source(PonderTradeSource.builder(arena.source()).schema(backlog.schema()).build())
            .log(PostgresSyncLog.builder(arena.store()).schema(Arena.SCHEMA).build())
            .sink(TimescaleSink.builder().schema(Arena.SCHEMA).build())
            .parallelism(2)
            .confirmation(confirmation)
            .auditInterval(Duration.ofDays(1))
            .build()) {
      engine.run();
      engine.run();
      // Else it may be vacuumed while the load is measured.
      arena.sql(backlog).update("VACUUM ANALYZE");
      arena.storeSql().update("VACUUM ANALYZE");
      double alone = rate == 0 ? 0 : writersAlone(arena, backlog, rate);
      engine.start(interval);
      // The recovery begins with an audit, which is no part of its steady load.
      StreamBenchmark.await(() -> arena.storeSql().number(AUDITS_ENDED) > 0);
      Thread.sleep(UNTIL_READS_ARE_COUNTED.toMillis());
      Reading source = Reading.of(arena.source(), arena.sql(backlog));
      Reading store = Reading.of(arena.store(), arena.storeSql());
      double took = arrive(arena, backlog, rate, "with");
      Reading sourceAfter = Reading.of(arena.source(), arena.sql(backlog));
      Reading storeAfter = Reading.of(arena.store(), arena.storeSql());
      double ofSource = 100 * (sourceAfter.cpuSeconds - source.cpuSeconds) / took - alone;
      double ofStore = 100 * (storeAfter.cpuSeconds - store.cpuSeconds) / took;
      add(work, "CPU of the source", Unit.PERCENT_OF_A_CORE, ofSource, rate == 0);
      add(work, "CPU of the store", Unit.PERCENT_OF_A_CORE, ofStore, rate == 0);
      add(
          work,
          "transactions of the source",
          Unit.A_SECOND,
          (sourceAfter.transactions - source.transactions) / took,
          false);
      add(
          work,
          "rows that the source read",
          Unit.A_SECOND,
          (sourceAfter.rows - source.rows) / took,
          false);
    }
    try (SyncEngine engine = LibraryContestant.engine(arena, backlog, 500, 2)) {
      engine.run();
      return engine.audit().gaps().total() == 0;
    }
  }

  /** The CPU of the source that the arriving trades cost without any recovery, in percent. */
  private double writersAlone(Arena arena, Backlog backlog, int rate) throws SQLException {
    double before = CpuTime.now(arena.source()).server();
    double took = arrive(arena, backlog, rate, "without");
    return 100 * (CpuTime.now(arena.source()).server() - before) / took;
  }

  /** Waits, or lets trades arrive; returns for how many seconds. */
  private double arrive(Arena arena, Backlog backlog, int rate, String name) {
    Sql source = arena.sql(backlog);
    long began = System.nanoTime();
    for (int tick = 1; tick <= seconds * TICKS_PER_SECOND; tick++) {
      long due = began + tick * 1_000_000_000L / TICKS_PER_SECOND;
      if (rate > 0) {
        source.update(ARRIVE, name + Instant.now(), rate / TICKS_PER_SECOND);
      }
      while (System.nanoTime() - due < 0) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
    }
    return (System.nanoTime() - began) / 1e9;
  }

  private void add(String work, String name, Unit unit, double value, boolean isIdleCpu) {
    out.printf("%s: %s: %,.2f %s%n", work, name, value, unit.text());
    Standing standing = new Standing(work, name, unit);
    standing.add(value);
    report.add(standing.row(isIdleCpu ? IDLE : null));
  }
}
