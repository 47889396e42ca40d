package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
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

  private final PostgresServer.Database database = PostgresServer.get().newDatabase();
  // A connection that stays open still counts what an earlier transaction read.
  private final StoreFixture store = new StoreFixture(database, database.withoutPool());

  /** A log that PostgreSQL knows nothing about, as during the first catch-up. */
  @BeforeEach
  void fillWithoutAnalyzing() {
    store.log.prepare();
    for (String table : TABLES) {
      store.execute("alter table %s set (autovacuum_enabled = false)".formatted(table));
    }
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
    assertThat(changesOf(ClaimMode.REPAIR, 0, List.of()))
        .hasSize(BATCH)
        .allMatch(TradeChange.Replace.class::isInstance);
  }

  @Test
  void movedTradesReadFewRowsOfTablesWithoutStatistics() throws Exception {
    assertThat(changesOf(ClaimMode.CONFIRMED, 7, List.of()))
        .hasSize(BATCH)
        .allMatch(change -> change.before().orElseThrow().isBefore(change.key()));
  }

  @Test
  void retractedTradesReadFewRowsOfTablesWithoutStatistics() throws Exception {
    List<TradeKey> keys = stored(0).stream().map(Trade::key).sorted().toList();

    assertThat(changesOf(ClaimMode.REPAIR, -1, keys))
        .hasSize(BATCH)
        .allMatch(TradeChange.Retract.class::isInstance);
  }

  /** Claims stored trades, with other content and later; none if they are to be retracted. */
  private List<TradeChange> changesOf(ClaimMode mode, long later, List<TradeKey> retractions)
      throws Exception {
    ClaimRequest request =
        new ClaimRequest(
            retractions.isEmpty() ? stored(later) : List.of(),
            retractions,
            mode,
            EnumSet.allOf(SinkCapability.class),
            "r",
            false);
    return store.log.transact(
        null,
        transaction -> {
          List<TradeChange> changes = transaction.claim(request).changes();
          assertFewRead((Connection) transaction.handle());
          return changes;
        });
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
    List<Trade> trades =
        IntStream.range(0, BATCH)
            .mapToObj(i -> StoreFixture.trade("t" + i, SECOND + i / 4, 1, 1))
            .toList();
    ClaimRequest request =
        new ClaimRequest(
            trades, List.of(), ClaimMode.REPAIR, EnumSet.allOf(SinkCapability.class), "r", true);
    List<TradeChange> changes =
        store.log.transact(
            null,
            transaction -> {
              List<TradeChange> handedOut = transaction.handOut(request).claim().changes();
              assertFewRead((Connection) transaction.handle());
              return handedOut;
            });
    assertThat(changes).hasSize(BATCH);

    boolean ignored =
        store.log.transact(
            null,
            transaction -> {
              assertThat(transaction.settle(changes, "r")).hasSize(BATCH);
              assertFewRead((Connection) transaction.handle());
              return true;
            });
  }

  private static void assertFewRead(Connection connection) throws SQLException {
    for (String table : TABLES) {
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  """
                  select pg_stat_get_xact_tuples_fetched('%1$s'::regclass)
                    + pg_stat_get_xact_tuples_returned('%1$s'::regclass)\
                  """
                      .formatted(table))) {
        row.next();
        assertThat(row.getLong(1)).as("rows read of %s", table).isLessThan(10L * BATCH);
      }
    }
  }
}
