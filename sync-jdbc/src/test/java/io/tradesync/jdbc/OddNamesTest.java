package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.AuditReport;
import io.tradesync.GapCounts;
import io.tradesync.RunOptions;
import io.tradesync.StoreDifferences;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A schema that must be quoted, and ids and pools that mean something to SQL. */
class OddNamesTest {

  private static final String SCHEMA = "' \" : \\ ? {keys}";
  private static final long T = 1_754_438_400L;

  private static final List<String> TEXTS =
      List.of(
          "NULL",
          "null",
          " ",
          "\t",
          "\n",
          "{}",
          "{a,b}",
          ",",
          "\"",
          "\"\"",
          "\\",
          "\\\\",
          "\\N",
          "'",
          "''",
          "a'b\\'c",
          "E'\\x'",
          "$1",
          "$$",
          ":id",
          "?",
          "{d '2020-01-01'}",
          ";drop table analytics_trades",
          "--",
          "/*",
          "%s%I",
          "\u0001",
          "\u007f",
          "\u00e4",
          "a\u0308",
          "\u2028",
          "\ufeff",
          "\uffff",
          "\ue000",
          "\ud83d\ude00",
          "\udbff\udfff",
          "x".repeat(1_024),
          "\ud83d\ude00".repeat(256));

  @Test
  void plainTables() {
    try (PostgresServer.Database database = PostgresServer.get().newDatabase()) {
      check(database, TimescaleSink.builder());
    }
  }

  @Test
  void hypertable() {
    try (PostgresServer.Database database = PostgresServer.timescale().newDatabase()) {
      check(
          database,
          TimescaleSink.builder()
              .compressAfter(Duration.ofDays(7))
              .chunkInterval(Duration.ofDays(1)));
    }
  }

  @Test
  @Tag("long")
  void continuousAggregates() {
    try (PostgresServer.Database database = PostgresServer.timescale().newDatabase()) {
      check(database, TimescaleSink.builder().candles(CandleStorage.CONTINUOUS_AGGREGATES));
    }
  }

  /** A sink outside the log's transaction, which holds what was written to it. */
  private record OwnSink(Map<TradeKey, Trade> held) implements AnalyticsSink {
    @Override
    public synchronized void write(TradeBatch batch) {
      for (TradeChange change : batch.changes()) {
        change.before().ifPresent(held::remove);
        change.after().ifPresent(trade -> held.put(trade.key(), trade));
      }
    }

    @Override
    public Set<SinkCapability> capabilities() {
      return EnumSet.allOf(SinkCapability.class);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSinkOutsideTheTransaction(boolean recordBeforeWrite) {
    OwnSink sink = new OwnSink(new HashMap<>());
    try (PostgresServer.Database database = PostgresServer.get().newDatabase()) {
      check(
          database,
          sink,
          builder -> builder.recordBeforeWrite(recordBeforeWrite),
          report -> assertThat(sink.held).hasSize(TEXTS.size()));
    }
    assertThat(sink.held).isEmpty();
  }

  private static void check(PostgresServer.Database database, TimescaleSink.Builder sink) {
    check(
        database,
        sink.schema(SCHEMA).build(),
        builder -> builder,
        report ->
            assertThat(report.store()).isEqualTo(new StoreDifferences(0, List.of(), true, 0)));
  }

  private static void check(
      PostgresServer.Database database,
      AnalyticsSink sink,
      UnaryOperator<SyncEngineBuilder> settings,
      Consumer<AuditReport> stored) {
    Jdbi jdbi = Jdbi.create(database.dataSource());
    String source = "source of " + SCHEMA;
    jdbi.useHandle(handle -> fill(handle, source));
    SyncEngineBuilder builder =
        SyncEngine.builder()
            .source(PonderTradeSource.builder(database.dataSource()).schema(source).build())
            .log(PostgresSyncLog.builder(database.dataSource()).schema(SCHEMA).build())
            .sink(sink)
            .orphanGrace(Duration.ZERO)
            .batchSize(11);
    try (SyncEngine engine = settings.apply(builder).build()) {
      run(engine, TEXTS.size(), stored);
      for (String change :
          List.of(
              "set price = price + 1",
              "set \"timestamp\" = \"timestamp\" + 1",
              "set pool_id = side, side = pool_id")) {
        jdbi.useHandle(handle -> execute(handle, source, "update order_book_trades " + change));
        run(engine, TEXTS.size(), stored);
      }
      SyncResult forced = engine.forceFromEpochSecond(T - 1);
      assertThat(forced.success()).as(forced.message()).isTrue();
      jdbi.useHandle(handle -> execute(handle, source, "delete from order_book_trades"));
      SyncResult emptied = engine.run(RunOptions.DEFAULT.allowMassRetraction(true));
      assertThat(emptied.success()).as(emptied.message()).isTrue();
      assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    }
  }

  private static void run(SyncEngine engine, int repairs, Consumer<AuditReport> stored) {
    SyncResult result = engine.run();
    assertThat(result.success()).as(result.message()).isTrue();
    assertThat(result.message()).contains(repairs + "/" + repairs);
    assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    AuditReport audit = engine.audit();
    assertThat(audit.gaps()).isEqualTo(GapCounts.NONE);
    stored.accept(audit);
  }

  private static void fill(Handle handle, String schema) {
    execute(handle, schema, PonderTables.TABLE.formatted("bigint", ""));
    execute(handle, schema, PonderTables.POOLS);
    PreparedBatch rows =
        handle.prepareBatch(
            """
            insert into order_book_trades
            values (:text, 1, :number, 1, :second, :text, :text, :pool)\
            """);
    for (int i = 0; i < TEXTS.size(); i++) {
      rows.bind("text", TEXTS.get(i))
          .bind("number", i)
          .bind("second", T + i / 13)
          .bind("pool", TEXTS.get((i * 7 + 1) % TEXTS.size()))
          .add();
    }
    rows.execute();
  }

  private static void execute(Handle handle, String schema, String statement) {
    String quoted = "\"" + schema.replace("\"", "\"\"") + "\"";
    try (Statement plain = handle.getConnection().createStatement()) {
      plain.execute("create schema if not exists " + quoted);
      plain.execute("set search_path = " + quoted);
      plain.execute(statement);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
