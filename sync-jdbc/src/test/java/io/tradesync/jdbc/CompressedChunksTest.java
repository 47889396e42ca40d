package io.tradesync.jdbc;

import static io.tradesync.jdbc.StoreFixture.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.GapCounts;
import io.tradesync.KeyRange;
import io.tradesync.RunOptions;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.jdbc.internal.sink.TradeTable;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.SinkDigests;
import io.tradesync.spi.TradeBatch;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of repair in a hypertable whose older chunks are compressed. */
class CompressedChunksTest {

  private static final long T = 1_754_400_000L;
  private static final int SPACING = 10_800;
  private static final int TRADES = 400;
  private static final String BY_POOL =
      "timescaledb.compress, timescaledb.compress_segmentby = 'pool_id',"
          + " timescaledb.compress_orderby = 'ts desc, trade_id'";
  private static final String LIMIT = "timescaledb.max_tuples_decompressed_per_dml_transaction";
  private static final String BY_TIME =
      "timescaledb.compress, timescaledb.compress_segmentby = '',"
          + " timescaledb.compress_orderby = 'ts, trade_id'";

  private final StoreFixture store = StoreFixture.onTimescale();
  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private SyncEngine engine;

  @BeforeEach
  void fill() {
    engine = engine(store.sink);
    for (int i = 0; i < TRADES; i++) {
      source.put(at(i, 100 + i % 7));
    }
    assertThat(engine.run().errors()).isZero();
  }

  private SyncEngine engine(AnalyticsSink sink) {
    return SyncEngine.builder()
        .source(source)
        .log(store.log)
        .sink(sink)
        .orphanGrace(Duration.ZERO)
        .retryDelay(Duration.ofMillis(1))
        .parallelism(1)
        .build();
  }

  @AfterEach
  void close() {
    engine.close();
    store.close();
  }

  private static Trade at(int i, long price) {
    return Trade.builder(
            String.format(Locale.ROOT, "t%05d", i), T + (long) i * SPACING, 31337, "pool" + i % 10)
        .price(BigDecimal.valueOf(price))
        .quantity(BigDecimal.valueOf(3))
        .build();
  }

  /** Compresses all chunks but the newest one. */
  private void compress(String settings) {
    store.execute("alter table analytics_trades set (" + settings + ")");
    assertThat(
            store.count(
                String.format(
                    Locale.ROOT,
                    """
                    select count(compress_chunk(c))
                    from show_chunks('analytics_trades', older_than => to_timestamp(%d)) as c\
                    """,
                    T + (TRADES - 56L) * SPACING)))
        .isGreaterThan(4);
  }

  private void assertRepaired(SyncResult result, long total) {
    assertThat(result.success()).as(result.message()).isTrue();
    assertThat(result.errors()).isZero();
    assertThat(result.total()).isEqualTo(total);
    assertEqual();
  }

  private void assertEqual() {
    List<Trade> wanted = new ArrayList<>(source.trades());
    wanted.sort(Comparator.comparing(Trade::key));
    assertThat(store.trades()).isEqualTo(wanted);
    store.assertCandlesEqualTheirTrades();
    assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {BY_POOL, BY_TIME})
  void changedTrades(String settings) {
    compress(settings);
    for (int i : List.of(0, 1, 70, 200, 201, TRADES - 1)) {
      source.put(at(i, 7_000 + i));
    }
    assertRepaired(engine.run(), 6);
  }

  @ParameterizedTest
  @ValueSource(strings = {BY_POOL, BY_TIME})
  void aTradeThatChangesItsPool(String settings) {
    compress(settings);
    source.put(
        Trade.builder(at(5, 1).id(), at(5, 1).epochSecond(), 31337, "another")
            .price(BigDecimal.ONE)
            .quantity(BigDecimal.TEN)
            .build());
    assertRepaired(engine.run(), 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {BY_POOL, BY_TIME})
  void movedTrades(String settings) {
    compress(settings);
    source.put(
        trade("t00003", T + 300L * SPACING + 7, 5, 5),
        trade("t00250", T + 9, 5, 5),
        trade(String.format(Locale.ROOT, "t%05d", TRADES - 1), T + 11, 5, 5),
        trade("t00200", T + (TRADES - 3L) * SPACING, 5, 5));
    assertThat(engine.run().errors()).isZero();
    assertThat(engine.run(RunOptions.DEFAULT.compareAll(true)).errors()).isZero();
    assertEqual();
  }

  @ParameterizedTest
  @ValueSource(strings = {BY_POOL, BY_TIME})
  void retractedTrades(String settings) {
    compress(settings);
    for (int i : List.of(2, 12, 22, 300, TRADES - 2)) {
      source.remove(String.format(Locale.ROOT, "t%05d", i));
    }
    assertRepaired(engine.run(), 5);
  }

  @Test
  void retractedTradesWhoseIdsAndPoolsMeanSomethingInSql() {
    List<Trade> strange = new ArrayList<>();
    for (String text :
        List.of("it's", "back\\slash\\'", "?:id<id>", "{fn now()}", "a;b--c/*", "$1$$", "ü\"")) {
      strange.add(
          Trade.builder(text, T + strange.size() * 60L, 31337, "pool " + text)
              .price(BigDecimal.ONE)
              .quantity(BigDecimal.TEN)
              .build());
    }
    source.put(strange.toArray(Trade[]::new));
    assertThat(engine.run().errors()).isZero();
    compress(BY_TIME);
    strange.forEach(trade -> source.remove(trade.id()));
    engine.health();
    assertRepaired(engine.run(RunOptions.DEFAULT.allowMassRetraction(true)), strange.size());
  }

  @ParameterizedTest
  @ValueSource(strings = {BY_POOL, BY_TIME})
  void lateTrades(String settings) {
    compress(settings);
    for (int i = 0; i < 260; i++) {
      source.put(trade("late" + i, T + i * 4_000L, 9, 9));
    }
    assertRepaired(engine.run(), 260);
  }

  @ParameterizedTest
  @ValueSource(strings = {BY_POOL, BY_TIME})
  void forcedTrades(String settings) {
    compress(settings);
    store.execute("update analytics_trades set price = 1 where trade_id = 't00399'");
    SyncResult result = engine.forceFromEpochSecond(T - 1);
    assertRepaired(result, TRADES);
    assertThat(result.processed()).isEqualTo(TRADES);
  }

  @Test
  void aChangeDecompressesTheBatchesOfItsTradesAndNoMore() throws Exception {
    for (int i = 0; i < 5_000; i++) {
      source.put(trade(String.format(Locale.ROOT, "dense%05d", i), T + 60 * i, 1, 1));
    }
    assertThat(engine.run().errors()).isZero();
    compress(BY_TIME);
    source.put(trade("dense00001", T + 60, 2, 2), trade("dense04000", T + 240_000, 2, 2));
    assertThat(engine.run().errors()).isZero();
    // A batch has up to 1,000 rows.
    assertThat(decompressedRows()).isBetween(2L, 2_000L);
    assertEqual();
  }

  private long decompressedRows() {
    long rows = 0;
    for (Map<String, Object> chunk :
        store.rows(
            String.format(
                Locale.ROOT,
                """
                select show_chunks('analytics_trades', older_than => to_timestamp(%d))::text as chunk\
                """,
                T + (TRADES - 56L) * SPACING))) {
      rows += store.count("select count(*) from only " + chunk.get("chunk"));
    }
    return rows;
  }

  @Test
  void theLimitOfDecompressionIsLiftedInTheLogsTransactions() throws Exception {
    String limit =
        store.log.transact(
            null,
            transaction -> {
              Connection connection = (Connection) transaction.handle();
              try (Statement show = connection.createStatement();
                  ResultSet row = show.executeQuery("show " + LIMIT)) {
                row.next();
                return row.getString(1);
              }
            });
    assertThat(limit).isEqualTo("0");
  }

  @Test
  void aSettingThatForbidsChangesEndsTheRunAndMarksNothing() throws Exception {
    assertEndsTheRun("timescaledb.enable_dml_decompression", "off");
  }

  @Test
  void aLimitThatIsHitAllTheSameEndsTheRunAndMarksNothing() throws Exception {
    assertEndsTheRun(LIMIT, "1");
  }

  private void assertEndsTheRun(String setting, String value) throws Exception {
    compress(BY_TIME);
    source.remove(at(3, 1).id());
    source.remove(at(100, 1).id());
    String set = "set local " + setting + " = " + value;
    try (SyncEngine limited = engine(new Limited(store.sink, set))) {
      assertForbidden(limited.run(), setting);
    }
    assertRepaired(engine.run(), 2);
  }

  private void assertForbidden(SyncResult result, String setting) {
    assertThat(result.success()).isFalse();
    assertThat(result.errors()).isZero();
    assertThat(result.message()).contains(setting).doesNotContain("\n");
    assertThat(store.count("select count(*) from sync_log where failed_at is not null")).isZero();
  }

  /** A sink whose transactions have a setting of their own. */
  private static final class Limited extends ForwardingSink<Connection> {
    private final String set;

    Limited(TimescaleSink sink, String set) {
      super(sink);
      this.set = set;
    }

    @Override
    public void write(TradeBatch batch, Connection transaction) throws Exception {
      try (Statement limit = transaction.createStatement()) {
        limit.execute(set);
      }
      super.write(batch, transaction);
    }
  }

  @Test
  void rowsThatAnotherTransactionDecompressesWhileTheyAreSearchedAreFound() throws Exception {
    PostgresServer ignored = PostgresServer.concurrentTimescale();
    compress(BY_TIME);
    TreeSet<TradeKey> outdated = new TreeSet<>(List.of(at(1, 1).key(), at(200, 1).key()));
    int removed =
        whileTheFirstChunkIsDecompressed(
            "delete from %s where trade_id = '%s' and ts = to_timestamp(%d)",
            () ->
                store.jdbi.inTransaction(
                    handle ->
                        new TradeTable("public")
                            .replace(handle, outdated, new TreeMap<>())
                            .size()));
    assertThat(removed).isEqualTo(2);
    assertThat(store.trades()).hasSize(TRADES - 3);
  }

  @Test
  void candlesAreRecomputedFromRowsThatAnotherTransactionDecompressesMeanwhile() throws Exception {
    PostgresServer ignored = PostgresServer.concurrentTimescale();
    compress(BY_TIME);
    store.execute(
        String.format(
            Locale.ROOT,
            """
            insert into candle_rebuild
            select chain_id, pool_id, bucket_seconds, bucket_start from trade_candles
            where bucket_seconds = 60 and open_timestamp in (%d, %d)\
            """,
            at(1, 1).epochSecond(),
            at(200, 1).epochSecond()));
    boolean more =
        whileTheFirstChunkIsDecompressed(
            "update %s set side = 'Buy' where trade_id = '%s' and ts = to_timestamp(%d)",
            () -> store.completeDeferred(store.sink));
    assertThat(more).isFalse();
    store.assertCandlesEqualTheirTrades();
  }

  /**
   * Executes a statement of another transaction between the plan and the snapshot of a call:
   * PostgreSQL plans a statement before it takes the snapshot that the statement reads.
   *
   * @param change the statement, with a chunk, an id and a second to fill in
   */
  private <R> R whileTheFirstChunkIsDecompressed(String change, Callable<R> call) throws Exception {
    List<Map<String, Object>> chunks =
        store.rows(
            """
            select format('%I.%I', c.schema_name, c.table_name) as chunk,
              format('%I.%I', d.schema_name, d.table_name) as compressed
            from _timescaledb_catalog.chunk as c
            join _timescaledb_catalog.chunk as d on d.id = c.compressed_chunk_id
            order by c.id\
            """);
    try (Connection blocking = store.database.dataSource().getConnection();
        Statement lock = blocking.createStatement()) {
      blocking.setAutoCommit(false);
      for (Map<String, Object> chunk : chunks.subList(1, chunks.size())) {
        lock.execute("lock table " + chunk.get("compressed") + " in access exclusive mode");
      }
      CompletableFuture<R> called = ConcurrentTask.run(call);
      while (store.count("select count(*) from pg_locks where not granted") == 0) {
        Thread.onSpinWait();
      }
      store.execute(
          change.formatted(chunks.get(0).get("chunk"), at(2, 1).id(), at(2, 1).epochSecond()));
      blocking.rollback();
      return called.get();
    }
  }

  /** What a statement opens, it locks until the end of its transaction. */
  @Test
  void aChangeOpensTheChunksOfItsTradesOnly() throws Exception {
    PostgresServer ignored = PostgresServer.concurrentTimescale();
    compress(BY_TIME);
    TreeMap<TradeKey, Trade> changed = new TreeMap<>();
    TreeSet<TradeKey> outdated = new TreeSet<>();
    for (int i : List.of(TRADES - 4, TRADES - 3)) {
      changed.put(at(i, 1).key(), at(i, 1));
      outdated.add(at(i, 1).key());
      outdated.add(at(i - 60, 1).key());
    }
    List<String> opened =
        store.jdbi.withHandle(
            session ->
                opened(
                    session,
                    handle ->
                        assertThat(new TradeTable("public").replace(handle, outdated, changed))
                            .hasSize(4)));
    assertThat(opened).hasSizeBetween(2, 3);
  }

  /** PostgreSQL can plan a prepared statement for all values from its sixth execution on. */
  @Test
  void manyChangesInASessionOpenTheChunksOfTheirTradesOnly() throws Exception {
    compress(BY_TIME);
    Trade newest = at(TRADES - 1, 5);
    TreeSet<TradeKey> outdated = new TreeSet<>(List.of(newest.key()));
    TreeMap<TradeKey, Trade> changed = new TreeMap<>(Map.of(newest.key(), newest));
    KeyRange lastHour = KeyRange.seconds(newest.epochSecond() - 3_600, newest.epochSecond());
    SinkDigests<Connection> held = store.sink.digests(Optional.of(List.of())).orElseThrow();
    TradeTable trades = new TradeTable("public");
    List<Step> steps =
        List.of(
            session -> trades.replace(session, outdated, changed),
            session -> held.digests(lastHour, 60, session.getConnection()),
            session -> held.trades(lastHour, TradeKey.MIN, 10, session.getConnection()),
            session -> held.trades(List.of(newest.key()), session.getConnection()),
            session -> held.aggregates(lastHour, 300, session.getConnection()),
            session -> {
              session.execute(
                  """
                  insert into candle_rebuild
                  select chain_id, pool_id, bucket_seconds, bucket_start from trade_candles
                  where bucket_seconds = 60 and open_timestamp = ?\
                  """,
                  newest.epochSecond());
              store.sink.completeDeferred(session.getConnection());
            });
    store.jdbi.useHandle(
        session -> {
          // PostgreSQL in WebAssembly has one session, which other tests have used.
          OffsetDateTime began =
              session.createQuery("select clock_timestamp()").mapTo(OffsetDateTime.class).one();
          for (Step step : steps) {
            for (int i = 0; i < 15; i++) {
              // PostgreSQL in WebAssembly lists no locks.
              assertThat(opened(session, step))
                  .as("step %s", steps.indexOf(step))
                  .hasSizeLessThanOrEqualTo(1);
            }
          }
          assertThat(
                  session
                      .createQuery(
                          """
                          select statement from pg_prepared_statements
                          where statement like '%from "public".analytics_trades%'
                            and statement not like '%insert into%' and prepare_time > :began\
                          """)
                      .bind("began", began)
                      .mapTo(String.class)
                      .list())
              .isEmpty();
        });
  }

  private interface Step {
    void execute(Handle session) throws Exception;
  }

  private static List<String> opened(Handle session, Step step) throws Exception {
    return session.inTransaction(
        transaction -> {
          step.execute(transaction);
          return transaction
              .createQuery(
                  """
                  select distinct range_start::text
                  from pg_locks join pg_class on pg_class.oid = relation
                  join timescaledb_information.chunks on chunk_name = relname
                  where pid = pg_backend_pid()\
                  """)
              .mapTo(String.class)
              .list();
        });
  }

  @Test
  void aChangeAtTheHeadDoesNotWaitForAChunkThatIsBeingCompressed() throws Exception {
    PostgresServer ignored = PostgresServer.concurrentTimescale();
    compress(BY_TIME);
    String oldest =
        store.jdbi.withHandle(
            handle ->
                handle
                    .createQuery("select show_chunks('analytics_trades')::text order by 1 limit 1")
                    .mapTo(String.class)
                    .one());
    try (Connection compressing = store.database.dataSource().getConnection()) {
      compressing.setAutoCommit(false);
      try (Statement lock = compressing.createStatement()) {
        lock.execute("lock table " + oldest + " in exclusive mode");
      }
      source.put(at(TRADES - 1, 4_444));
      assertRepaired(engine.run(), 1);
      compressing.rollback();
    }
  }
}
