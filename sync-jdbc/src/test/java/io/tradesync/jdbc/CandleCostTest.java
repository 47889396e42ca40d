package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.Trade;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.math.BigDecimal;
import java.sql.Connection;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A batch reads the candles of its trades, not those of all pools at that time, however little
 * PostgreSQL knows of the table.
 */
class CandleCostTest {

  private static final long SECOND = 1_754_400_000L;
  private static final int BATCH = 50;
  private static final int LENGTHS = 5;

  // From then on a connection may keep a statement's plan for any values.
  private static final int EXECUTIONS = 12;

  private final StoreFixture store = new StoreFixture();

  /** What happens to the middle one of three trades of a pool. */
  enum Change {
    BY_DIFFERENCE(pool -> new TradeChange.Replace(trade(pool, 1, 20).key(), trade(pool, 1, 21))),
    FROM_ROWS(pool -> new TradeChange.Replace(trade(pool, 2, 30).key(), trade(pool, 2, 11))),
    RETRACT(pool -> new TradeChange.Retract(trade(pool, 2, 30).key()));

    private final IntFunction<TradeChange> change;

    Change(IntFunction<TradeChange> change) {
      this.change = change;
    }

    List<TradeChange> batch() {
      return IntStream.range(0, BATCH).mapToObj(change).toList();
    }
  }

  @BeforeEach
  void prepare() throws Exception {
    store.prepare();
    store.execute("alter table trade_candles set (autovacuum_enabled = false)");
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static Trade trade(int pool, int number, long price) {
    return Trade.builder("t" + pool + "-" + number, SECOND + number, 1, "pool" + pool)
        .price(BigDecimal.valueOf(price))
        .quantity(BigDecimal.ONE)
        .build();
  }

  private static List<TradeChange> trades() {
    return IntStream.range(0, BATCH)
        .boxed()
        .flatMap(
            pool ->
                IntStream.rangeClosed(0, 2)
                    .mapToObj(number -> trade(pool, number, 10 + 10L * number)))
        .<TradeChange>map(TradeChange.Insert::new)
        .toList();
  }

  private void write(List<TradeChange> changes, Connection connection) throws Exception {
    store.sink.write(new TradeBatch("analytics", "key", false, changes), connection);
  }

  private void write(List<TradeChange> changes) throws Exception {
    store.log.transact(
        null,
        transaction -> {
          write(changes, (Connection) transaction.handle());
          return changes;
        });
  }

  private void addOtherPools() {
    store.execute(
        """
        insert into trade_candles
        select 1, 'other' || n, bucket_seconds, bucket_start, open, high, low, close, volume,
          quote_volume, trades, open_timestamp, open_id, close_timestamp, close_id
        from trade_candles cross join generate_series(1, 2000) n
        where pool_id = 'pool0'\
        """);
  }

  @ParameterizedTest
  @EnumSource
  void aBatchReadsFewCandlesOfATableWithoutStatistics(Change change) throws Exception {
    write(trades());
    addOtherPools();

    assertThat(candlesReadBy(change)).isLessThan(20L * BATCH * LENGTHS);
  }

  @ParameterizedTest
  @EnumSource
  void aBatchReadsFewCandlesWithPlansOfAnEmptiedTable(Change change) throws Exception {
    write(trades());
    addOtherPools();
    store.execute("truncate analytics_trades");
    store.execute("delete from trade_candles");
    store.execute("vacuum (analyze) trade_candles");
    for (int i = 0; i < EXECUTIONS; i++) {
      assertThatThrownBy(
              () ->
                  store.log.transact(
                      null,
                      transaction -> {
                        write(trades(), (Connection) transaction.handle());
                        write(change.batch(), (Connection) transaction.handle());
                        throw new IllegalStateException("taken back");
                      }))
          .hasMessage("taken back");
    }
    write(trades());
    addOtherPools();

    assertThat(candlesReadBy(change)).isLessThan(20L * BATCH * LENGTHS);
  }

  private long candlesReadBy(Change change) throws Exception {
    return store.log.transact(
        null,
        transaction -> {
          Connection connection = (Connection) transaction.handle();
          // A connection still counts what its earlier transactions read.
          long before = StoreFixture.rowsRead(connection, "trade_candles");
          write(change.batch(), connection);
          return StoreFixture.rowsRead(connection, "trade_candles") - before;
        });
  }
}
