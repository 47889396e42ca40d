package io.tradesync.jdbc;

import static io.tradesync.jdbc.StoreFixture.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.jdbc.internal.sink.TradeTable;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many rows are removed from a chunk of a hypertable, compressed or not. */
class ChunkRemovalTest {

  private static final long T = 1_754_438_400L;
  private static final int HOUR = 3_600;
  private static final int TRADES_AN_HOUR = 40;

  private final StoreFixture store = StoreFixture.onTimescale();
  private final TradeTable trades = new TradeTable("public");

  @BeforeEach
  void fill() throws Exception {
    store.prepare();
    store.execute("select set_chunk_time_interval('analytics_trades', interval '1 hour')");
    store.execute(
        """
        alter table analytics_trades set (timescaledb.compress,
          timescaledb.compress_segmentby = '', timescaledb.compress_orderby = 'ts, trade_id')\
        """);
    for (int hour = 0; hour < 3; hour++) {
      List<Trade> ofHour = hour(hour);
      store.jdbi.useTransaction(handle -> assertThat(trades.insert(handle, ofHour)).isEmpty());
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static List<Trade> hour(int hour) {
    return IntStream.range(0, TRADES_AN_HOUR)
        .mapToObj(i -> trade(hour + "'" + i, T + (long) hour * HOUR + i * 60L, 1, 1))
        .toList();
  }

  /** All trades of an hour but the first one. */
  private static List<TradeKey> most(int hour) {
    return hour(hour).stream().skip(1).map(Trade::key).toList();
  }

  private static String compress(int hour) {
    return String.format(
        Locale.ROOT,
        """
        select compress_chunk(c)
        from show_chunks('analytics_trades', newer_than => to_timestamp(%1$d),
          older_than => to_timestamp(%1$d + 3600)) as c\
        """,
        T + (long) hour * HOUR);
  }

  private int remove(TreeSet<TradeKey> keys) throws Exception {
    return store.jdbi.inTransaction(handle -> trades.replace(handle, keys, new TreeMap<>()).size());
  }

  @Test
  void rowsOfCompressedAndOtherChunks() throws Exception {
    store.execute(compress(0));
    TreeSet<TradeKey> removed = new TreeSet<>(most(0));
    removed.addAll(most(1));
    removed.add(hour(2).get(5).key());
    assertThat(remove(removed)).isEqualTo(2 * (TRADES_AN_HOUR - 1) + 1);
    assertThat(store.trades()).map(Trade::key).doesNotContainAnyElementsOf(removed).hasSize(41);
  }

  @Test
  void rowsAreRemovedTogetherFromTheirChunkOnly() throws Exception {
    store.jdbi.useTransaction(
        handle -> {
          TreeSet<TradeKey> removed = new TreeSet<>(most(1));
          assertThat(trades.replace(handle, removed, new TreeMap<>())).hasSize(removed.size());
          // What a statement changes, it locks until the end of its transaction.
          assertThat(
                  handle
                      .createQuery(
                          """
                          select count(distinct relation)
                          from pg_locks
                          join timescaledb_information.chunks
                            on format('%I.%I', chunk_schema, chunk_name)::regclass = relation
                          where pid = pg_backend_pid() and mode = 'RowExclusiveLock'\
                          """)
                      .mapTo(Integer.class)
                      .one())
              .isLessThanOrEqualTo(1);
        });
  }

  /** Such a session does not wait until nobody reads the chunk, but deletes what it compressed. */
  @Test
  void rowsOfAChunkThatIsCompressedAfterTheyWereFound() throws Exception {
    PostgresServer ignored = PostgresServer.concurrentTimescale();
    CompletableFuture<Integer> removed;
    try (Connection compressing = store.database.dataSource().getConnection();
        Statement statement = compressing.createStatement()) {
      compressing.setAutoCommit(false);
      statement.execute("set timescaledb.compress_truncate_behaviour = 'truncate_or_delete'");
      statement.execute("set lock_timeout = '30s'");
      statement.execute("lock table " + chunk(1) + " in share mode");
      removed = ConcurrentTask.run(() -> remove(new TreeSet<>(most(1))));
      while (store.count("select count(*) from pg_locks where not granted") == 0) {
        Thread.onSpinWait();
      }
      statement.execute(compress(1));
      compressing.commit();
    }
    assertThat(removed.get()).isEqualTo(TRADES_AN_HOUR - 1);
    assertThat(store.trades())
        .map(Trade::key)
        .isEqualTo(
            Stream.of(hour(0), hour(1).subList(0, 1), hour(2))
                .flatMap(List::stream)
                .map(Trade::key)
                .sorted()
                .toList());
  }

  private String chunk(int hour) {
    return store
        .rows(
            String.format(
                Locale.ROOT,
                """
                select show_chunks('analytics_trades', newer_than => to_timestamp(%1$d),
                  older_than => to_timestamp(%1$d + 3600))::text as chunk\
                """,
                T + (long) hour * HOUR))
        .get(0)
        .get("chunk")
        .toString();
  }
}
