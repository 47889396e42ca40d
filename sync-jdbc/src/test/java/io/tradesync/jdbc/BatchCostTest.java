package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.LogWork;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A batch reads what it is about, not whole tables, however little PostgreSQL knows of them. */
class BatchCostTest {

  private static final int ENTRIES = 5_000;
  private static final int BATCH = 50;
  private static final List<String> TABLES =
      List.of("sync_log", "sync_tracked_id", "sync_handed_out");
  private static final long SECOND = 1_754_500_000L;

  // From then on a connection may keep a statement's plan for any values.
  private static final int EXECUTIONS = 12;

  private final StoreFixture store = new StoreFixture(PostgresServer.get().newDatabase());

  @BeforeEach
  void prepare() {
    store.log.prepare();
    for (String table : TABLES) {
      store.execute("alter table %s set (autovacuum_enabled = false)".formatted(table));
    }
  }

  /** Fills a log that PostgreSQL knows nothing more about, as during a catch-up. */
  private void fillWithoutAnalyzing() {
    store.execute(
        String.format(
            Locale.ROOT,
            """
            insert into sync_tracked_id (service, trade_id, trade_timestamp)
            select 'analytics', md5(n::text), 1754400000 + n / 4 from generate_series(1, %d) as n\
            """,
            ENTRIES));
    store.execute(
        String.format(
            Locale.ROOT,
            """
            insert into sync_handed_out
              (service, trade_timestamp, trade_id, fingerprint, revision, forced)
            select 'analytics', 1754400000 + n / 4, md5(n::text), n, n, false
            from generate_series(1, %d) as n\
            """,
            ENTRIES));
    store.execute(
        String.format(
            Locale.ROOT,
            """
            insert into sync_log
              (service, trade_timestamp, trade_id, status, fingerprint, processed_at, run_id)
            select 'analytics', 1754400000 + n / 4, md5(n::text), 'processed', n, now(), 'r'
            from generate_series(1, %d) as n\\
            """,
            ENTRIES));
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void changedTradesReadFewRowsOfTablesWithoutStatistics() throws Exception {
    fillWithoutAnalyzing();
    changedTradesReadFewRows();
  }

  @Test
  void changedTradesReadFewRowsWithPlansOfEmptyTables() throws Exception {
    keepPlansOfEmptyTables(ClaimMode.REPAIR, 0, List.of());
    fillWithoutAnalyzing();
    changedTradesReadFewRows();
  }

  @Test
  void changedTradesReadFewRowsWithPlansOfEmptiedTables() throws Exception {
    emptyTables();
    keepPlansOfEmptyTables(ClaimMode.REPAIR, 0, List.of());
    fillWithoutAnalyzing();
    changedTradesReadFewRows();
  }

  private void changedTradesReadFewRows() throws Exception {
    assertThat(changesOf(ClaimMode.REPAIR, 0, List.of()))
        .hasSize(BATCH)
        .allMatch(TradeChange.Replace.class::isInstance);
  }

  @Test
  void movedTradesReadFewRowsOfTablesWithoutStatistics() throws Exception {
    fillWithoutAnalyzing();
    movedTradesReadFewRows();
  }

  @Test
  void movedTradesReadFewRowsWithPlansOfEmptyTables() throws Exception {
    keepPlansOfEmptyTables(ClaimMode.CONFIRMED, 7, List.of());
    fillWithoutAnalyzing();
    movedTradesReadFewRows();
  }

  @Test
  void movedTradesReadFewRowsWithPlansOfEmptiedTables() throws Exception {
    emptyTables();
    keepPlansOfEmptyTables(ClaimMode.CONFIRMED, 7, List.of());
    fillWithoutAnalyzing();
    movedTradesReadFewRows();
  }

  private void movedTradesReadFewRows() throws Exception {
    assertThat(changesOf(ClaimMode.CONFIRMED, 7, List.of()))
        .hasSize(BATCH)
        .allMatch(change -> change.before().orElseThrow().isBefore(change.key()));
  }

  @Test
  void retractedTradesReadFewRowsOfTablesWithoutStatistics() throws Exception {
    fillWithoutAnalyzing();
    retractedTradesReadFewRows();
  }

  @Test
  void retractedTradesReadFewRowsWithPlansOfEmptyTables() throws Exception {
    keepPlansOfEmptyTables(ClaimMode.REPAIR, -1, keys(absent(0)));
    fillWithoutAnalyzing();
    retractedTradesReadFewRows();
  }

  @Test
  void retractedTradesReadFewRowsWithPlansOfEmptiedTables() throws Exception {
    emptyTables();
    keepPlansOfEmptyTables(ClaimMode.REPAIR, -1, keys(absent(0)));
    fillWithoutAnalyzing();
    retractedTradesReadFewRows();
  }

  private void retractedTradesReadFewRows() throws Exception {
    assertThat(changesOf(ClaimMode.REPAIR, -1, keys(stored(0))))
        .hasSize(BATCH)
        .allMatch(TradeChange.Retract.class::isInstance);
  }

  /** Leaves tables without rows, whose indexes have grown. */
  private void emptyTables() {
    fillWithoutAnalyzing();
    TABLES.forEach(table -> store.execute("delete from " + table));
  }

  /** Has the connection keep the plans of claims that it carries out while tables are empty. */
  private void keepPlansOfEmptyTables(ClaimMode mode, long later, List<TradeKey> retractions)
      throws Exception {
    boolean ignored = store.log.transact(null, transaction -> true);
    // Trades are final, so that their ids are not tracked.
    store.execute("update sync_service set final_through = " + 2 * SECOND);
    TABLES.forEach(table -> store.execute("vacuum (analyze) " + table));
    ClaimRequest request =
        request(mode, retractions.isEmpty() ? absent(later) : List.of(), retractions);
    for (int i = 0; i < EXECUTIONS; i++) {
      assertThatThrownBy(
              () ->
                  store.log.transact(
                      null,
                      transaction -> {
                        Claim claim = transaction.claim(request);
                        throw new IllegalStateException("taken back: " + claim);
                      }))
          .hasMessageStartingWith("taken back");
    }
  }

  private static ClaimRequest request(
      ClaimMode mode, List<Trade> trades, List<TradeKey> retractions) {
    return new ClaimRequest(
        trades, retractions, mode, EnumSet.allOf(SinkCapability.class), "r", false);
  }

  /** Claims stored trades, with other content and later; none if they are to be retracted. */
  private List<TradeChange> changesOf(ClaimMode mode, long later, List<TradeKey> retractions)
      throws Exception {
    ClaimRequest request =
        request(mode, retractions.isEmpty() ? stored(later) : List.of(), retractions);
    return readingFewRows(transaction -> transaction.claim(request).changes());
  }

  private static List<TradeKey> keys(List<Trade> trades) {
    return trades.stream().map(Trade::key).sorted().toList();
  }

  /** Returns trades that are not stored. */
  private static List<Trade> absent(long later) {
    return IntStream.range(0, BATCH)
        .mapToObj(i -> StoreFixture.trade("t" + i, SECOND + later + i / 4, 1, 1))
        .toList();
  }

  private List<Trade> stored(long later) {
    return store.jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select trade_id, trade_timestamp from sync_log
                    order by trade_timestamp, trade_id offset 2000 limit :limit\
                    """)
                .bind("limit", BATCH)
                .map(
                    (row, context) ->
                        StoreFixture.trade(row.getString(1), row.getLong(2) + later, 1, 1))
                .list());
  }

  @Test
  void handOutsReadFewRowsOfTablesWithoutStatistics() throws Exception {
    fillWithoutAnalyzing();
    ClaimRequest request =
        new ClaimRequest(
            absent(0), List.of(), ClaimMode.REPAIR, EnumSet.allOf(SinkCapability.class), "r", true);
    List<TradeChange> changes =
        readingFewRows(transaction -> transaction.handOut(request).claim().changes());
    assertThat(changes).hasSize(BATCH);

    List<TradeChange> settled = readingFewRows(transaction -> transaction.settle(changes, "r"));
    assertThat(settled).hasSize(BATCH);
  }

  /** Works in a transaction, which must not read whole tables. */
  private <R> R readingFewRows(LogWork<R> work) throws Exception {
    return store.log.transact(
        null,
        transaction -> {
          Connection connection = (Connection) transaction.handle();
          // A connection still counts what its earlier transactions read.
          Map<String, Long> before = rowsRead(connection);
          R result = work.apply(transaction);
          rowsRead(connection)
              .forEach(
                  (table, rows) ->
                      assertThat(rows - before.get(table))
                          .as("rows read of %s", table)
                          .isLessThan(10L * BATCH));
          return result;
        });
  }

  private static Map<String, Long> rowsRead(Connection connection) throws SQLException {
    Map<String, Long> rows = new HashMap<>();
    for (String table : TABLES) {
      rows.put(table, StoreFixture.rowsRead(connection, table));
    }
    return rows;
  }
}
