package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
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

/** A batch for a sink outside the log's transaction reads what it is about, not whole tables. */
class HandOutCostTest {

  private static final int ENTRIES = 5_000;
  private static final int BATCH = 50;
  private static final List<String> TABLES =
      List.of("sync_log", "sync_tracked_id", "sync_handed_out");
  private static final long SECOND = 1_754_500_000L;

  private final StoreFixture store = new StoreFixture();

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
  void aBatchReadsFewRowsOfTablesWithoutStatistics() throws Exception {
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
