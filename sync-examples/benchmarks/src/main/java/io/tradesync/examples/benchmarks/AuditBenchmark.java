package io.tradesync.examples.benchmarks;

import io.tradesync.RunOptions;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.TradeKey;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Finds holes in a store by several methods in turns. This library compares the content of the
 * trades. The other methods are: both sets of keys, streamed in order and merged; an anti-join,
 * which needs both tables in one database; the content of both, streamed in order and merged. The
 * first two of these compare keys only. Reading and hashing the source's rows is measured as well,
 * because every comparison by fingerprints must do at least that.
 */
@Command(
    name = "audit",
    description = "Finds holes in a store by several contestants in turns.",
    mixinStandardHelpOptions = true)
public final class AuditBenchmark implements Callable<Integer> {

  private static final int FETCH_SIZE = 10_000;
  private static final int STORE_CONNECTIONS = 8;

  /** The factor by which measurements of a few milliseconds are repeated. */
  private static final int RECHECKS = 10;

  private static final String SOURCE_KEYS =
      "SELECT \"timestamp\", id FROM order_book_trades ORDER BY \"timestamp\", id COLLATE \"C\"";

  private static final String STORE_KEYS =
      """
      SELECT trade_timestamp, trade_id FROM sync_log
      WHERE service = 'analytics' AND status = 'processed' ORDER BY trade_timestamp, trade_id
      """;

  private static final String SOURCE_CONTENT =
      """
      SELECT "timestamp", id, chain_id, price, quantity, transaction_id, side, pool_id
      FROM order_book_trades ORDER BY "timestamp", id COLLATE "C"
      """;

  private static final String STORE_CONTENT =
      """
      SELECT trade_timestamp, trade_id, chain_id, price, quantity, transaction_id, side, pool_id
      FROM sync_log JOIN analytics_trades USING (trade_timestamp, trade_id)
      WHERE service = 'analytics' AND status = 'processed' ORDER BY trade_timestamp, trade_id
      """;

  private static final String HASHES =
      """
      SELECT count(*) FROM order_book_trades
      WHERE sha256(textsend(id || transaction_id || side || pool_id)) IS NULL
      """;

  private static final String ANTI_JOIN =
      """
      SELECT count(*) FROM order_book_trades t WHERE NOT EXISTS (
        SELECT 1 FROM sync_log l
        WHERE l.service = 'analytics' AND l.status = 'processed'
          AND l.trade_timestamp = t."timestamp" AND l.trade_id = t.id)
      """;

  @Option(names = "--trades", defaultValue = "1000000", description = "default: ${DEFAULT-VALUE}")
  private long trades;

  @Option(names = "--holes", defaultValue = "1000", description = "default: ${DEFAULT-VALUE}")
  private long holes;

  @Option(names = "--rounds", defaultValue = "5", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--pg-comparator",
      description =
          "a shell command that compares order_book_trades of both databases by pg_comparator;"
              + " it finds their JDBC URLs in SOURCE_URL and STORE_URL")
  private @Nullable String pgComparator;

  @Option(
      names = "--pgcompare",
      description = "the same by pgCompare; pg_comparator and pgCompare are not part of this")
  private @Nullable String pgCompare;

  private final PrintStream out = System.out;
  private final Report report;

  AuditBenchmark() {
    this(new Report());
  }

  /** Adds its rows to a report. */
  AuditBenchmark(Report report) {
    this.report = report;
  }

  /** Counts something. */
  @FunctionalInterface
  private interface Way {
    long count() throws Exception;
  }

  /** Two rows of one key. */
  @FunctionalInterface
  private interface Pair {
    boolean isSame(ResultSet sourceRow, ResultSet storeRow) throws SQLException;
  }

  private record Contender(String name, long expected, Way way, Series millis) {
    Contender(String name, long expected, Way way) {
      this(name, expected, way, new Series());
    }

    /** Times are compared as rates are: the ratio says how many times as fast as the baseline. */
    Row row(String work, @Nullable Contender baseline, @Nullable Goal goal) {
      return new Row(
          work,
          name,
          millis.median(),
          Unit.MILLISECONDS,
          baseline == null ? null : new Row.Ratio(baseline.name, baseline.millis.ratioTo(millis)),
          goal,
          Row.Cost.UNKNOWN);
    }
  }

  @Override
  public Integer call() throws Exception {
    try (Arena arena = Arena.open(STORE_CONNECTIONS)) {
      Backlog backlog = arena.makeBacklog("full", trades);
      arena.clearStore();
      try (SyncEngine engine = LibraryContestant.engine(arena, backlog, 5_000, 2)) {
        withhold(arena, backlog);
        engine.run();
        deliver(arena, backlog);
        copySource(arena, backlog);
        Contender library =
            new Contender("tradesync, audit", holes, () -> engine.audit().gaps().total());
        Contender keys =
            new Contender("(a) sorted keys, merged in Java", holes, () -> keys(arena, backlog));
        Contender antiJoin =
            new Contender("(b) NOT EXISTS in one database", holes, () -> antiJoin(arena));
        Contender content =
            new Contender(
                "(c) sorted content, merged in Java", holes, () -> content(arena, backlog));
        Contender hashes =
            new Contender("hashing the source's texts alone", 0, () -> hashes(arena, backlog));
        List<Contender> others = new ArrayList<>(List.of(keys, antiJoin, content, hashes));
        Map<Contender, Goal> tools = tools(arena, backlog);
        others.addAll(tools.keySet());
        boolean right = compete(library, others, rounds);
        String work = "audit of %,d with %,d holes".formatted(trades, holes);
        report.add(library.row(work, content, null));
        tools.forEach(
            (tool, goal) -> report.add(library.row(work + ", beside " + tool.name, tool, goal)));
        others.forEach(other -> report.add(other.row(work, null, null)));
        out.println();
        right &= close(engine, "compares everything and closes the holes", holes);
        right &= close(engine, "compares again where something was written", 0);
        Contender health =
            new Contender(
                "tradesync, health, all verified", 0, () -> engine.health().gaps().total());
        Contender run =
            new Contender("tradesync, run, nothing to do", 0, () -> engine.run().total());
        out.println();
        right &= compete(health, List.of(run), RECHECKS * rounds);
        report.add(health.row("all of %,d verified".formatted(trades), null, null));
        report.add(run.row("all of %,d verified".formatted(trades), null, null));
        for (Contender other : List.of(keys, antiJoin, content)) {
          out.printf(
              "%s takes %,.0f times as long as health%n",
              other.name, other.millis.median() / health.millis.median());
        }
        return right ? 0 : 1;
      }
    }
  }

  /** Tools that are no part of this module: they take part if their command is named. */
  private Map<Contender, Goal> tools(Arena arena, Backlog backlog) {
    Map<Contender, Goal> named = new LinkedHashMap<>();
    addTool(named, "pg_comparator", "--pg-comparator", pgComparator, 2, arena, backlog);
    addTool(named, "pgCompare", "--pgcompare", pgCompare, 20, arena, backlog);
    return named;
  }

  private void addTool(
      Map<Contender, Goal> named,
      String name,
      String option,
      @Nullable String command,
      int faster,
      Arena arena,
      Backlog backlog) {
    if (command == null) {
      report.notRun(name, "its command is not named by " + option);
    } else {
      named.put(
          new Contender(name, 0, () -> execute(command, arena, backlog)), Goal.minRatio(faster));
    }
  }

  private static long execute(String command, Arena arena, Backlog backlog) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("SOURCE_URL", arena.url(backlog));
    builder.environment().put("STORE_URL", arena.storeUrl());
    return builder.start().waitFor();
  }

  /** Takes the trades from the source that will be the holes. */
  private void withhold(Arena arena, Backlog backlog) {
    arena
        .sql(backlog)
        .update(
            "CREATE TABLE withheld AS SELECT * FROM order_book_trades ORDER BY md5(id) LIMIT "
                + holes);
    arena
        .sql(backlog)
        .update("DELETE FROM order_book_trades WHERE id IN (SELECT id FROM withheld)");
  }

  private static void deliver(Arena arena, Backlog backlog) {
    arena.sql(backlog).update("INSERT INTO order_book_trades SELECT * FROM withheld");
    arena.sql(backlog).update("VACUUM ANALYZE order_book_trades");
    arena.storeSql().update("VACUUM ANALYZE sync_log");
  }

  /** Copies the source into the database of the log, because the anti-join needs both. */
  private static void copySource(Arena arena, Backlog backlog) throws SQLException {
    try (Connection reading = arena.connect(backlog);
        Connection writing = arena.connectStore()) {
      arena
          .storeSql()
          .update(
              """
              CREATE TABLE order_book_trades (
                id text PRIMARY KEY, chain_id integer NOT NULL, price numeric(78, 0),
                quantity numeric(78, 0), "timestamp" integer, transaction_id text, side varchar,
                pool_id text NOT NULL)
              """);
      CopyOut from =
          reading
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyOut("COPY order_book_trades TO STDOUT");
      CopyIn to =
          writing
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn("COPY order_book_trades FROM STDIN");
      for (byte[] row = from.readFromCopy(); row != null; row = from.readFromCopy()) {
        to.writeToCopy(row, 0, row.length);
      }
      to.endCopy();
    }
    arena.storeSql().update("CREATE INDEX ON order_book_trades (\"timestamp\")");
    arena.storeSql().update("VACUUM ANALYZE order_book_trades");
  }

  private boolean compete(Contender library, List<Contender> others, int rounds) throws Exception {
    List<Contender> all = new ArrayList<>(others);
    all.add(0, library);
    boolean right = true;
    for (int round = 0; round <= rounds; round++) {
      for (Contender contender : all) {
        long began = System.nanoTime();
        long counted = contender.way.count();
        double took = (System.nanoTime() - began) / 1e6;
        if (counted != contender.expected) {
          out.printf(
              "WRONG: %s counts %,d instead of %,d%n", contender.name, counted, contender.expected);
          right = false;
        }
        if (round > 0) {
          contender.millis.add(took);
        }
      }
    }
    out.printf(
        "%n%-34s %9s %9s %9s %22s%n",
        "milliseconds", "median", "min", "max", "/ that of tradesync");
    for (Contender contender : all) {
      Series millis = contender.millis;
      out.printf(
          "%-34s %,9.0f %,9.0f %,9.0f %22.2f%n",
          contender.name,
          millis.median(),
          millis.min(),
          millis.max(),
          millis.ratioTo(library.millis));
    }
    return right;
  }

  private boolean close(SyncEngine engine, String what, long expected) {
    SyncResult result = engine.run(RunOptions.DEFAULT.compareAll(expected > 0));
    out.printf("a run that %s: %,d ms%n", what, result.duration().toMillis());
    return result.success() && result.processed() == expected;
  }

  private static long antiJoin(Arena arena) {
    return arena.storeSql().number(ANTI_JOIN);
  }

  private static long hashes(Arena arena, Backlog backlog) {
    return arena.sql(backlog).number(HASHES);
  }

  private static long keys(Arena arena, Backlog backlog) throws SQLException {
    return merge(arena, backlog, SOURCE_KEYS, STORE_KEYS, (sourceRow, storeRow) -> true);
  }

  private static long content(Arena arena, Backlog backlog) throws SQLException {
    return merge(
        arena,
        backlog,
        SOURCE_CONTENT,
        STORE_CONTENT,
        (sourceRow, storeRow) ->
            sourceRow.getLong(3) == storeRow.getLong(3)
                && sourceRow.getBigDecimal(4).compareTo(storeRow.getBigDecimal(4)) == 0
                && sourceRow.getBigDecimal(5).compareTo(storeRow.getBigDecimal(5)) == 0
                && sourceRow.getString(6).equals(storeRow.getString(6))
                && sourceRow.getString(7).equals(storeRow.getString(7))
                && sourceRow.getString(8).equals(storeRow.getString(8)));
  }

  /** Counts the source's rows that the store does not have, or has otherwise. */
  private static long merge(
      Arena arena, Backlog backlog, String sourceSql, String storeSql, Pair pair)
      throws SQLException {
    try (Connection source = arena.connect(backlog);
        Connection store = arena.connectStore();
        PreparedStatement sourceQuery = streamed(source, sourceSql);
        PreparedStatement storeQuery = streamed(store, storeSql);
        ResultSet sourceRow = sourceQuery.executeQuery();
        ResultSet storeRow = storeQuery.executeQuery()) {
      long gaps = 0;
      boolean moreInSource = sourceRow.next();
      boolean moreInStore = storeRow.next();
      while (moreInSource) {
        int order = moreInStore ? key(sourceRow).compareTo(key(storeRow)) : -1;
        if (order < 0 || (order == 0 && !pair.isSame(sourceRow, storeRow))) {
          gaps++;
        }
        if (order <= 0) {
          moreInSource = sourceRow.next();
        }
        if (order >= 0) {
          moreInStore = storeRow.next();
        }
      }
      return gaps;
    }
  }

  private static PreparedStatement streamed(Connection connection, String sql) throws SQLException {
    connection.setAutoCommit(false);
    PreparedStatement statement = connection.prepareStatement(sql);
    statement.setFetchSize(FETCH_SIZE);
    return statement;
  }

  private static TradeKey key(ResultSet row) throws SQLException {
    return new TradeKey(row.getLong(1), row.getString(2));
  }
}
