package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.SyncEngine;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AggregateFindings;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.HeldDigest;
import io.tradesync.spi.HeldTrade;
import io.tradesync.spi.SinkDigests;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** An audit proves a store in slices, however long before its first trade a candle begins. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreProofCostTest {

  private static final long MIDNIGHT = 1_754_352_000L;
  private static final long FIRST_TRADE = MIDNIGHT + 48_000;
  private static final int TRADES = 2_000;

  private final StoreFixture store = new StoreFixture();
  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final Counting sink = new Counting(store);

  @BeforeAll
  void write() {
    for (int i = 0; i < TRADES; i++) {
      source.put(StoreFixture.trade("t" + i, FIRST_TRADE + i, 1 + i % 7, 1 + i % 5));
    }
    try (SyncEngine engine = engine()) {
      assertThat(engine.run().processed()).isEqualTo(TRADES);
    }
  }

  @AfterAll
  void close() {
    store.close();
  }

  private SyncEngine engine() {
    return SyncEngine.builder().source(source).log(store.log).sink(sink).build();
  }

  @Test
  void theFirstSliceWithTradesHasFew() {
    try (SyncEngine engine = engine()) {
      assertThat(engine.audit().store()).isNotNull().returns(0L, found -> found.differing());
    }

    assertThat(sink.mostTrades).isBetween(1L, TRADES - 1L);
  }

  @Test
  void neitherHealthNorARunPaysForTheProof() {
    Counting asked = new Counting(store);
    try (SyncEngine engine =
        SyncEngine.builder().source(source).log(store.log).sink(asked).build()) {
      assertThat(engine.health().isHealthy()).isTrue();
      assertThat(engine.run().success()).isTrue();
      assertThat(asked.mostTrades).isZero();
      assertThat(asked.comparedCandles).isFalse();

      assertThat(engine.audit().store()).isNotNull();
      assertThat(asked.mostTrades).isPositive();
      assertThat(asked.comparedCandles).isTrue();
    }
  }

  @Test
  void aCandleThatIsMissingBeginsBeforeItsFirstRow() throws Exception {
    store.execute("create table candles_before as table trade_candles");
    store.execute("delete from trade_candles");

    assertThat(firstSecond(MIDNIGHT, MIDNIGHT + 64)).hasValue(MIDNIGHT);
    assertThat(firstSecond(MIDNIGHT + 64, FIRST_TRADE + 9)).hasValue(MIDNIGHT + 46_800);
    assertThat(firstSecond(FIRST_TRADE + 1, FIRST_TRADE + 9)).hasValue(FIRST_TRADE + 1);
    assertThat(firstSecond(FIRST_TRADE + TRADES, FIRST_TRADE + 90_000)).isEmpty();

    store.execute("insert into trade_candles select * from candles_before");
  }

  private OptionalLong firstSecond(long from, long to) throws Exception {
    return store.log.transact(
        null,
        transaction ->
            store
                .sink
                .digests(Optional.of(List.of()))
                .orElseThrow()
                .firstSecond(KeyRange.seconds(from, to), (Connection) transaction.handle()));
  }

  /** Notes how many trades the largest slice had, and whether candles were compared. */
  private static final class Counting extends ForwardingSink<Connection> {

    private final StoreFixture store;
    private volatile long mostTrades;
    private volatile boolean comparedCandles;

    Counting(StoreFixture store) {
      super(store.sink);
      this.store = store;
    }

    @Override
    public Optional<SinkDigests<Connection>> digests(Optional<List<String>> attributeNames) {
      return store.sink.digests(Optional.of(List.of())).map(CountingDigests::new);
    }

    private final class CountingDigests implements SinkDigests<Connection> {

      private final SinkDigests<Connection> inner;

      CountingDigests(SinkDigests<Connection> inner) {
        this.inner = inner;
      }

      @Override
      public OptionalLong firstSecond(KeyRange range, Connection transaction) throws Exception {
        return inner.firstSecond(range, transaction);
      }

      @Override
      public List<HeldDigest> digests(KeyRange range, long bucketSeconds, Connection transaction)
          throws Exception {
        List<HeldDigest> digests = inner.digests(range, bucketSeconds, transaction);
        long trades = digests.stream().mapToLong(HeldDigest::trades).sum();
        synchronized (Counting.this) {
          mostTrades = Math.max(mostTrades, trades);
        }
        return digests;
      }

      @Override
      public List<HeldTrade> trades(
          KeyRange range, TradeKey after, int limit, Connection transaction) throws Exception {
        return inner.trades(range, after, limit, transaction);
      }

      @Override
      public List<HeldTrade> trades(List<TradeKey> keys, Connection transaction) throws Exception {
        return inner.trades(keys, transaction);
      }

      @Override
      public AggregateFindings aggregates(
          KeyRange range, long bucketSeconds, Connection transaction) throws Exception {
        comparedCandles = true;
        return inner.aggregates(range, bucketSeconds, transaction);
      }

      @Override
      public void prepareRepair(KeyRange range, Connection transaction) throws Exception {
        inner.prepareRepair(range, transaction);
      }
    }
  }
}
