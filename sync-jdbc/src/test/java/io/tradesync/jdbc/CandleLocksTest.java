package io.tradesync.jdbc;

import static io.tradesync.jdbc.StoreFixture.POOL;
import static io.tradesync.jdbc.StoreFixture.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A transaction that changes a candle holds the rows of all longer candles over it, and takes them
 * in key order, whether they exist or not.
 */
class CandleLocksTest {

  private static final String OTHER_POOL = POOL + "'s neighbour";
  private static final long DAY = 1_754_352_000L;
  private static final long T = DAY + 7_200;
  private static final int[] LENGTHS = {60, 300, 900, 3_600, 86_400};

  /** Takes a transaction back, once it has made its changes. */
  private static final class TakenBack extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static final String LOCK_TIMEOUT = "55P03";

  /** What a transaction does to a trade in the middle of its minute, the only one there but two. */
  enum Change {
    INSERT(new TradeChange.Insert(trade("new", T + 30, 7, 1))),
    BY_DIFFERENCE(replace(trade("middle", T + 20, 6, 2))),
    FROM_ROWS(replace(trade("highest", T + 40, 1, 1))),
    RETRACT(new TradeChange.Retract(new TradeKey(T + 20, "middle"))),
    RETRACT_HIGHEST(new TradeChange.Retract(new TradeKey(T + 40, "highest")));

    final TradeChange change;

    Change(TradeChange change) {
      this.change = change;
    }

    private static TradeChange replace(Trade trade) {
      return new TradeChange.Replace(trade.key(), trade);
    }
  }

  /** A candle that the trades are in: its place in the order of its pool's keys is its length's. */
  private record Key(String pool, int seconds, long start) {

    static Stream<Key> all(String pool, long second) {
      return Arrays.stream(LENGTHS)
          .mapToObj(seconds -> new Key(pool, seconds, Math.floorDiv(second, seconds) * seconds));
    }
  }

  private final StoreFixture store = new StoreFixture();

  @BeforeEach
  void prepare() throws Exception {
    store.prepare();
    for (String pool : List.of(POOL, OTHER_POOL)) {
      write(
          insert(pool, "first", T + 10, 5),
          insert(pool, "middle", T + 20, 5),
          insert(pool, "highest", T + 40, 9),
          insert(pool, "last", T + 50, 5),
          insert(pool, "elsewhere", T + 50_000, 5));
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static TradeChange insert(String pool, String id, long second, long price) {
    return new TradeChange.Insert(
        Trade.builder(pool.equals(POOL) ? id : "other " + id, second, 31_337, pool)
            .price(BigDecimal.valueOf(price))
            .quantity(BigDecimal.ONE)
            .transactionId("0x" + id)
            .build());
  }

  private void write(TradeChange... changes) throws Exception {
    store.log.transact(
        null,
        transaction -> {
          write(transaction.handle(), changes);
          return true;
        });
  }

  private void write(Object handle, TradeChange... changes) throws Exception {
    store.sink.write(
        new TradeBatch("analytics", "key", false, List.of(changes)), (Connection) handle);
  }

  /** Returns the candles whose rows nobody holds, of those that are committed. */
  private List<Key> free() throws SQLException {
    try (Connection connection = store.database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                select pool_id, bucket_seconds, extract(epoch from bucket_start)::bigint
                from trade_candles
                for update skip locked\
                """)) {
      List<Key> free = new ArrayList<>();
      while (rows.next()) {
        free.add(new Key(rows.getString(1), rows.getInt(2), rows.getLong(3)));
      }
      return free;
    }
  }

  private List<Key> all() {
    return store.rows("select pool_id, bucket_seconds, bucket_start from trade_candles").stream()
        .map(
            row ->
                new Key(
                    (String) row.get("pool_id"),
                    (Integer) row.get("bucket_seconds"),
                    ((Timestamp) row.get("bucket_start")).getTime() / 1_000))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(Change.class)
  void aTransactionHoldsAllLongerCandlesOverWhatItChanges(Change change) throws Exception {
    List<Key> others = new ArrayList<>(all());
    List<Key> touched = Key.all(POOL, T).toList();
    others.removeAll(touched);
    assertThat(others).hasSize(all().size() - LENGTHS.length);

    store.log.transact(
        null,
        transaction -> {
          write(transaction.handle(), change.change);
          assertThat(free()).containsExactlyInAnyOrderElementsOf(others);
          return true;
        });
    assertThat(free()).containsAll(others);
    store.assertCandlesEqualTheirTrades();
  }

  /** Of two pools and two minutes, whose candles are changed in all ways at once. */
  @Test
  void aTransactionThatWaitsHoldsThoseBeforeAndNoneAfter() throws Exception {
    TradeChange[] changes = {
      insert(OTHER_POOL, "second", T + 15, 6),
      new TradeChange.Replace(new TradeKey(T + 20, "middle"), trade("middle", T + 20, 6, 2)),
      new TradeChange.Retract(new TradeKey(T + 40, "highest")),
      insert(POOL, "beside", T + 50_010, 3)
    };
    List<Key> order =
        Stream.of(Key.all(POOL, T), Key.all(POOL, T + 50_000), Key.all(OTHER_POOL, T))
            .flatMap(keys -> keys)
            .distinct()
            .sorted(
                Comparator.comparing(Key::pool)
                    .thenComparing(Key::seconds)
                    .thenComparing(Key::start))
            .toList();
    for (int i = 1; i < order.size(); i += 3) {
      Key blocked = order.get(i);
      List<Key> after = order.subList(i + 1, order.size());
      List<Key> held = order.subList(0, i + 1);
      whileWaitingFor(
          blocked,
          changes,
          () -> {
            assertThat(free()).as("beside " + blocked).containsAll(after);
            assertThat(free()).as("beside " + blocked).doesNotContainAnyElementsOf(held);
          });
    }
  }

  /** A candle that does not exist yet is created when its key has its turn, not before or after. */
  @Test
  void candlesAreCreatedInTheOrderInWhichTheOthersAreLocked() throws Exception {
    // In a new minute and five minutes of an hour that exists.
    TradeChange added = insert(POOL, "added", T + 1_000, 4);
    List<Key> keys = Key.all(POOL, T + 1_000).toList();
    Key hour = keys.get(3);
    assertThat(all()).contains(hour).doesNotContainAnyElementsOf(keys.subList(0, 3));
    whileWaitingFor(
        hour,
        new TradeChange[] {added, insert(OTHER_POOL, "added", T + 1_000, 4)},
        () -> {
          for (Key created : keys.subList(0, 3)) {
            assertThat(isBeingCreated(created)).as("before " + created).isTrue();
          }
          for (Key later : Key.all(OTHER_POOL, T + 1_000).limit(3).toList()) {
            assertThat(isBeingCreated(later)).as("after " + later).isFalse();
          }
        });
  }

  private interface Look {
    void now() throws Exception;
  }

  /** Looks at the rows while a transaction that makes changes waits for one of them. */
  private void whileWaitingFor(Key blocked, TradeChange[] changes, Look look) throws Exception {
    CompletableFuture<?> writer;
    try (Connection blocker = store.database.dataSource().getConnection()) {
      blocker.setAutoCommit(false);
      try (PreparedStatement lock =
          blocker.prepareStatement(
              """
              select 1 from trade_candles
              where pool_id = ? and bucket_seconds = ? and bucket_start = to_timestamp(?)
              for update\
              """)) {
        lock.setString(1, blocked.pool);
        lock.setInt(2, blocked.seconds);
        lock.setLong(3, blocked.start);
        assertThat(lock.executeQuery().next()).as("there is a candle " + blocked).isTrue();
      }
      writer =
          ConcurrentTask.run(
              () ->
                  store.log.transact(
                      null,
                      transaction -> {
                        write(transaction.handle(), changes);
                        throw new TakenBack();
                      }));
      await()
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(10))
          .until(() -> store.waitingForLocks() > 0);
      look.now();
      blocker.rollback();
    }
    assertThatThrownBy(() -> writer.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(TakenBack.class);
  }

  /** Whether another transaction has created a candle and is not yet at its end. */
  private boolean isBeingCreated(Key key) throws SQLException {
    try (Connection connection = store.database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      try (Statement setting = connection.createStatement()) {
        setting.execute("set local lock_timeout = '200ms'");
      }
      try (PreparedStatement insert =
          connection.prepareStatement(
              """
              insert into trade_candles
                (chain_id, pool_id, bucket_seconds, bucket_start, volume, quote_volume, trades)
              values (31337, ?, ?, to_timestamp(?), 0, 0, 0)\
              """)) {
        insert.setString(1, key.pool);
        insert.setInt(2, key.seconds);
        insert.setLong(3, key.start);
        insert.executeUpdate();
        return false;
      } catch (SQLException e) {
        assertThat(e.getSQLState()).isEqualTo(LOCK_TIMEOUT);
        return true;
      } finally {
        connection.rollback();
      }
    }
  }
}
