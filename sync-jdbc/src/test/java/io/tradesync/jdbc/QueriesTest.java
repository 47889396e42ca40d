package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.InMemoryTradeSource;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The views and functions of the query side, compared with what the trades themselves say. */
class QueriesTest {

  private static final long T = 1_754_400_000L;
  private static final List<String> POOLS = List.of("a", "b", "c");

  private final StoreFixture store = newStore();
  private final Random random = new Random(7);
  private final List<Trade> trades = new ArrayList<>();

  StoreFixture newStore() {
    return new StoreFixture();
  }

  @BeforeEach
  void fill() {
    for (int i = 0; i < 150; i++) {
      Trade.Builder trade =
          Trade.builder(
                  "t" + random.nextInt(1_000_000),
                  T + random.nextInt(100) * (long) random.nextInt(500),
                  1 + random.nextInt(2),
                  POOLS.get(random.nextInt(2)))
              .price(BigDecimal.valueOf(1 + random.nextInt(50)));
      if (random.nextInt(10) > 0) {
        trade.quantity(BigDecimal.valueOf(1 + random.nextInt(9)));
      }
      trades.add(trade.build());
    }
    run(TimescaleSink.builder().build());
    trades.sort(Comparator.comparing(Trade::key));
  }

  private void run(TimescaleSink sink) {
    InMemoryTradeSource source = new InMemoryTradeSource();
    trades.forEach(source::put);
    try (SyncEngine engine =
        SyncEngine.builder().source(source).log(store.log).sink(sink).parallelism(1).build()) {
      assertThat(engine.run().errors()).isZero();
    }
  }

  @AfterEach
  void close() {
    store.close();
  }

  /** The trades of a pool from one second to before another that count in a candle. */
  private Stream<Trade> traded(int chain, String pool, long since, long until) {
    return trades.stream()
        .filter(trade -> trade.chainId() == chain && trade.poolId().equals(pool))
        .filter(trade -> trade.epochSecond() >= since && trade.epochSecond() < until)
        .filter(trade -> trade.quantity() != null);
  }

  @Test
  void candlesWithTheirGapsFilled() {
    for (int round = 0; round < 12; round++) {
      int seconds = List.of(60, 300, 3_600).get(random.nextInt(3));
      int chain = 1 + random.nextInt(2);
      String pool = POOLS.get(random.nextInt(3));
      long since = T - 4_000 + random.nextInt(20_000);
      long until = since + random.nextInt(20_000);
      List<Map<String, Object>> rows =
          store.rows(
              String.format(
                  Locale.ROOT,
                  """
                  select extract(epoch from bucket_start)::bigint as start, open, high, low, close,
                    volume, quote_volume, trades
                  from trade_candles_filled(%d, '%s', %d, to_timestamp(%d), to_timestamp(%d))\
                  """,
                  chain,
                  pool,
                  seconds,
                  since,
                  until));
      assertThat(rows).hasSize((int) ((until + seconds - 1) / seconds - since / seconds));
      for (Map<String, Object> row : rows) {
        assertCandle(row, chain, pool, seconds);
      }
    }
  }

  private void assertCandle(Map<String, Object> row, int chain, String pool, int seconds) {
    long start = (Long) row.get("start");
    assertThat(start % seconds).isZero();
    List<Trade> in = traded(chain, pool, start, start + seconds).toList();
    assertThat(row.get("trades")).as("at %d", start).isEqualTo((long) in.size());
    assertNumber(
        row.get("volume"),
        in.stream().map(Trade::quantity).reduce(BigDecimal.ZERO, BigDecimal::add));
    assertNumber(
        row.get("quote_volume"),
        in.stream().map(Trade::volume).reduce(BigDecimal.ZERO, BigDecimal::add));
    Optional<BigDecimal> before =
        traded(chain, pool, 0, start).reduce((x, y) -> y).map(Trade::price);
    assertPrice(row.get("open"), in.stream().findFirst().map(Trade::price).or(() -> before));
    assertPrice(
        row.get("close"), in.stream().reduce((x, y) -> y).map(Trade::price).or(() -> before));
    assertPrice(
        row.get("high"),
        in.stream().map(Trade::price).max(Comparator.naturalOrder()).or(() -> before));
    assertPrice(
        row.get("low"),
        in.stream().map(Trade::price).min(Comparator.naturalOrder()).or(() -> before));
  }

  private static void assertPrice(Object stored, Optional<BigDecimal> expected) {
    if (expected.isPresent()) {
      assertNumber(stored, expected.get());
    } else {
      assertThat(stored).isNull();
    }
  }

  private static void assertNumber(Object stored, BigDecimal expected) {
    assertThat((BigDecimal) stored).isEqualByComparingTo(expected);
  }

  @Test
  void theLatestPriceOfEachPool() {
    List<Map<String, Object>> rows =
        store.rows("select * from trade_latest_prices order by chain_id, pool_id");
    assertThat(rows).hasSize(4);
    for (Map<String, Object> row : rows) {
      int chain = ((Long) row.get("chain_id")).intValue();
      String pool = (String) row.get("pool_id");
      Trade last = traded(chain, pool, 0, Long.MAX_VALUE).reduce((x, y) -> y).orElseThrow();
      assertNumber(row.get("price"), last.price());
      assertThat(row.get("trade_id")).isEqualTo(last.id());
      assertThat(
              store.rows(
                  "select price, trade_id, extract(epoch from ts)::bigint as second"
                      + String.format(
                          Locale.ROOT, " from trade_latest_price(%d, '%s')", chain, pool)))
          .singleElement()
          .satisfies(one -> assertThat(one).containsEntry("trade_id", last.id()))
          .satisfies(one -> assertThat(one).containsEntry("second", last.epochSecond()));
    }
    assertThat(store.rows("select * from trade_latest_price(1, 'unknown')")).isEmpty();
  }

  @Test
  void theVolumeOfAnyWindow() {
    assertVolumes();
    // Also if no length is short, or none is kept.
    run(TimescaleSink.builder().bucketSeconds(900).build());
    assertVolumes();
    run(TimescaleSink.builder().bucketSeconds().build());
    assertVolumes();
  }

  private void assertVolumes() {
    TreeSet<Long> seen = new TreeSet<>();
    for (int round = 0; round < 30; round++) {
      int chain = 1 + random.nextInt(2);
      String pool = POOLS.get(random.nextInt(3));
      Trade some = trades.get(random.nextInt(trades.size()));
      long since = some.epochSecond() - random.nextInt(3) * (long) random.nextInt(1_000);
      long until = since + random.nextInt(4) * (long) random.nextInt(5_000);
      List<Trade> in = traded(chain, pool, since, until).toList();
      seen.add((long) in.size());
      Map<String, Object> row =
          store
              .rows(
                  String.format(
                      Locale.ROOT,
                      "select * from trade_volume(%d, '%s', to_timestamp(%d), to_timestamp(%d))",
                      chain,
                      pool,
                      since,
                      until))
              .get(0);
      assertThat(row.get("trades"))
          .as("%s, %d to %d", pool, since, until)
          .isEqualTo((long) in.size());
      assertNumber(
          row.get("volume"),
          in.stream().map(Trade::quantity).reduce(BigDecimal.ZERO, BigDecimal::add));
      assertNumber(
          row.get("quote_volume"),
          in.stream().map(Trade::volume).reduce(BigDecimal.ZERO, BigDecimal::add));
    }
    assertThat(seen).hasSizeGreaterThan(3);
  }

  /** The functions find their tables whatever the search path of the caller is. */
  @Test
  void inAnotherSchema() throws Exception {
    store.execute("drop schema if exists \"Other\" cascade");
    store.prepare(TimescaleSink.builder().schema("Other").build());
    assertThat(store.count("select count(*) from \"Other\".trade_latest_price(1, 'a')")).isZero();
    assertThat(store.count("select count(*) from \"Other\".trade_latest_prices")).isZero();
    assertThat(
            store.count(
                "select trades from \"Other\".trade_volume(1, 'a', to_timestamp(0), now())"))
        .isZero();
    assertThat(
            store.count(
                """
                select count(*)
                from "Other".trade_candles_filled(1, 'a', 60, to_timestamp(0), to_timestamp(120))\
                """))
        .isEqualTo(2);
    store.execute("drop schema \"Other\" cascade");
  }

  @Test
  void idsOfOneSecondCountInTheOrderOfTheirKeys() {
    TradeKey last = trades.get(trades.size() - 1).key();
    trades.clear();
    trades.add(StoreFixture.trade("z", last.epochSecond() + 9, 3, 1));
    trades.add(StoreFixture.trade("a", last.epochSecond() + 9, 4, 1));
    run(TimescaleSink.builder().build());
    assertThat(
            store.rows(
                "select price::bigint as price from trade_latest_price(31337, '%s')"
                    .formatted(StoreFixture.POOL)))
        .containsExactly(Map.of("price", 3L));
  }
}
