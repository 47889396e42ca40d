package io.tradesync.jdbc;

import static io.tradesync.jdbc.StoreFixture.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tradesync.InvalidSettingException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimescaleSinkTest {

  private static final long T = 1_754_400_000L;
  private static final BigDecimal LARGEST =
      new BigDecimal(BigInteger.TWO.pow(256).subtract(BigInteger.ONE));

  private final StoreFixture store = newStore();

  StoreFixture newStore() {
    return new StoreFixture();
  }

  @BeforeEach
  void prepare() throws Exception {
    store.prepare();
  }

  @AfterEach
  void drop() {
    store.close();
  }

  private void write(boolean forced, TradeChange... changes) throws Exception {
    store.log.transact(
        null,
        transaction -> {
          store.sink.write(
              new TradeBatch("analytics", "key", forced, List.of(changes)),
              (Connection) transaction.handle());
          return true;
        });
  }

  private void insert(Trade... trades) throws Exception {
    write(false, Arrays.stream(trades).map(TradeChange.Insert::new).toArray(TradeChange[]::new));
  }

  private static TradeChange replace(Trade trade) {
    return new TradeChange.Replace(trade.key(), trade);
  }

  private boolean completeDeferred() throws Exception {
    return completeDeferred(store.sink);
  }

  private boolean completeDeferred(TimescaleSink sink) throws Exception {
    return store.log.transact(
        null, transaction -> sink.completeDeferred((Connection) transaction.handle()));
  }

  @Test
  void aTradeIsWrittenExactlyAndScaledWhereTheDecimalsAreKnown() throws Exception {
    insert(
        Trade.builder("a b'\"\\ü𝄞", T, 1, "p")
            .price(LARGEST)
            .quantity(LARGEST)
            .side("Sell")
            .attribute("fee", "0.3, \"x\" {y}")
            .attribute("maker", null)
            .pool("WETH/USDC", 18, 6)
            .build());

    Map<String, Object> row =
        store.rows("select *, attributes::text as a from analytics_trades").get(0);

    assertThat(row)
        .containsEntry("trade_id", "a b'\"\\ü𝄞")
        .containsEntry("price", LARGEST)
        .containsEntry("volume", LARGEST.multiply(LARGEST))
        .containsEntry("scaled_volume", LARGEST.multiply(LARGEST).movePointLeft(18))
        .containsEntry("symbol", "WETH/USDC")
        .containsEntry("a", "{\"fee\": \"0.3, \\\"x\\\" {y}\", \"maker\": null}");
    store.assertCandlesEqualTheirTrades();
  }

  @ParameterizedTest
  @ValueSource(strings = {"trades = 1", "trades = 1, volume = 5", "trades = 1, quote_volume = 50"})
  void aCandleWhoseNumberSomebodyDamagedKeepsTheTradesThatARetractionLeaves(String damage)
      throws Exception {
    Trade retracted = trade("retracted", T + 1, 10, 5);
    insert(retracted, trade("stays", T + 2, 30, 1));
    store.execute("update trade_candles set " + damage + " where bucket_seconds = 60");

    write(false, new TradeChange.Retract(retracted.key()));

    store.assertCandlesEqualTheirTrades();
  }

  @ParameterizedTest
  @ValueSource(strings = {"trade_timestamp + 7200", "0", "9223372036854775807"})
  void aRowIsWhereItsTimeIsWhateverSecondItSays(String second) throws Exception {
    Trade other = trade("other", T + 7_200, 30, 1);
    insert(trade("changed", T + 1, 10, 1), trade("retracted", T + 2, 20, 1), other);
    store.execute("update analytics_trades set trade_timestamp = " + second + " where price < 30");
    Trade changed = trade("changed", T + 1, 15, 1);

    write(false, replace(changed), new TradeChange.Retract(new TradeKey(T + 2, "retracted")));

    assertThat(store.trades()).containsExactly(changed, other);
    store.assertCandlesEqualTheirTrades();
  }

  @ParameterizedTest
  @ValueSource(strings = {"price = 'NaN'", "quantity = 'NaN'", "price = 'NaN', quantity = null"})
  void candlesOfARowWithoutAFiniteNumberAreRecomputed(String damage) throws Exception {
    Trade other = trade("other", T + 3, 30, 1);
    insert(trade("changed", T + 1, 10, 1), trade("retracted", T + 200, 20, 1), other);
    store.execute("update analytics_trades set " + damage + " where price < 30");
    store.execute("update trade_candles set high = 'NaN', volume = 'NaN'");
    Trade changed = trade("changed", T + 1, 15, 1);

    write(false, replace(changed), new TradeChange.Retract(new TradeKey(T + 200, "retracted")));

    assertThat(store.trades()).containsExactly(changed, other);
    store.assertCandlesEqualTheirTrades();
  }

  @Test
  void openAndCloseAreDecidedByKeyWhateverTheOrderOfArrival() throws Exception {
    insert(trade("m", T + 5, 50, 1));
    insert(trade("b", T + 5, 60, 1), trade("z", T + 9, 90, 2));
    insert(trade("a", T + 1, 10, 1));
    insert(trade("a", T + 5, 40, 1));

    Map<String, Object> candle = store.candles().get(0);

    assertThat(candle)
        .containsEntry("open", "10")
        .containsEntry("close", "90")
        .containsEntry("high", "90")
        .containsEntry("low", "10")
        .containsEntry("trades", 5L)
        .containsEntry("volume", "6");
    store.assertCandlesEqualTheirTrades();
  }

  @Test
  void aTradeWithoutPriceOrQuantityIsKeptAndCountsInNoCandle() throws Exception {
    insert(
        Trade.builder("a", T, 1, "p").price(BigDecimal.ONE).build(),
        Trade.builder("b", T, 1, "p").quantity(BigDecimal.ONE).build());

    assertThat(store.count("select count(*) from analytics_trades where volume is null"))
        .isEqualTo(2);
    assertThat(store.candles()).isEmpty();
  }

  @Test
  void onePoolOnTwoChainsHasTwoCandles() throws Exception {
    for (long chain : List.of(1L, 2L)) {
      insert(
          Trade.builder("t" + chain, T, chain, "pool")
              .price(BigDecimal.TEN)
              .quantity(BigDecimal.ONE)
              .build());
    }

    assertThat(store.count("select count(*) from trade_candles where bucket_seconds = 60"))
        .isEqualTo(2);
    store.assertCandlesEqualTheirTrades();
  }

  @Test
  void aTradeThatIsInsertedTwiceCountsOnce() throws Exception {
    insert(trade("a", T, 10, 1), trade("b", T, 20, 1));
    insert(trade("a", T, 10, 1), trade("b", T, 25, 3), trade("c", T, 5, 1));

    assertThat(store.count("select trades from trade_candles where bucket_seconds = 60"))
        .isEqualTo(3);
    store.assertCandlesEqualTheirTrades();
  }

  @Test
  void aReplacedTradeLeavesTheCandleAsIfItHadNeverBeenOtherwise() throws Exception {
    insert(trade("a", T, 99, 1), trade("b", T + 1, 20, 1), trade("c", T + 2, 1, 1));
    write(false, replace(trade("a", T, 21, 2)), replace(trade("c", T + 2, 22, 2)));

    assertThat(store.candles().get(0))
        .containsEntry("open", "21")
        .containsEntry("high", "22")
        .containsEntry("low", "20")
        .containsEntry("close", "22")
        .containsEntry("volume", "5");
    store.assertCandlesEqualTheirTrades();
  }

  @Test
  void aMovedTradeLeavesItsOldCandleAndEntersItsNewOne() throws Exception {
    insert(trade("a", T, 10, 1), trade("b", T, 20, 1));
    write(false, new TradeChange.Replace(new TradeKey(T, "a"), trade("a", T + 7_200, 10, 1)));

    assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(2);
    store.assertCandlesEqualTheirTrades();
  }

  @Test
  void aRetractedTradeDisappearsWithACandleThatHasNoOther() throws Exception {
    insert(trade("a", T, 10, 1), trade("b", T + 60, 20, 1));
    write(false, new TradeChange.Retract(new TradeKey(T, "a")));
    store.assertCandlesEqualTheirTrades();
    assertThat(store.count("select count(*) from trade_candles where bucket_seconds = 60"))
        .isEqualTo(1);

    write(false, new TradeChange.Retract(new TradeKey(T + 60, "b")));
    assertThat(store.candles()).isEmpty();
  }

  @Test
  void aForceRepairsDamagedCandlesAndRows() throws Exception {
    Trade a = trade("a", T, 10, 1);
    Trade b = trade("b", T + 1, 20, 1);
    Trade c = trade("c", T + 90_000, 20, 1);
    insert(a, b, c);
    store.execute(
        "update trade_candles set volume = 777, high = 1, open = 3 where bucket_seconds = 60");
    store.execute("delete from trade_candles where bucket_seconds = 3600");
    store.execute("delete from analytics_trades where trade_id = 'b'");
    store.execute("update analytics_trades set price = 5 where trade_id = 'c'");

    write(true, replace(a), replace(b), replace(c));
    while (completeDeferred()) {
      // until nothing is left
    }

    assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(3);
    store.assertCandlesEqualTheirTrades();
    assertThat(store.count("select count(*) from candle_rebuild")).isZero();
  }

  @Test
  void aCandleThatLostTradesToRetentionIsNotRecomputed() throws Exception {
    Trade kept = trade("b", T + 100, 20, 1);
    insert(trade("a", T, 10, 1), kept, trade("c", T + 86_400, 20, 1));
    List<Map<String, Object>> before = store.candles();
    store.execute("delete from analytics_trades where trade_id = 'a'");

    write(true, replace(kept));
    assertThat(completeDeferred()).isFalse();

    assertThat(store.candles()).isEqualTo(before);
  }

  @Test
  void candlesOfALengthThatIsAddedLaterAreComputedFromTheTrades() throws Exception {
    insert(trade("a", T, 10, 1), trade("b", T + 130, 20, 1));
    TimescaleSink other = TimescaleSink.builder().bucketSeconds(60, 120, 86_400).build();
    store.prepare(other);
    assertThat(completeDeferred(other)).isFalse();

    assertThat(store.count("select sum(trades) from trade_candles where bucket_seconds = 120"))
        .isEqualTo(2);
    assertThat(store.count("select count(*) from trade_candles where bucket_seconds = 120"))
        .isEqualTo(2);
    assertThat(store.count("select count(*) from candle_length where complete_since is null"))
        .isZero();
  }

  @Test
  void aLengthThatIsAddedLaterIsMergedFromShorterCandlesWhoseTradesWereDropped() throws Exception {
    insert(trade("a", T, 10, 1), trade("b", T + 130, 20, 1), trade("c", T + 86_400, 30, 1));
    store.execute("delete from analytics_trades where trade_id in ('a', 'b')");
    TimescaleSink other = TimescaleSink.builder().bucketSeconds(60, 240).build();
    store.prepare(other);
    assertThat(completeDeferred(other)).isFalse();

    assertThat(
            store.rows(
                "select open::text, close::text, trades from trade_candles"
                    + " where bucket_seconds = 240 order by bucket_start"))
        .containsExactly(
            Map.of("open", "10", "close", "20", "trades", 2L),
            Map.of("open", "30", "close", "30", "trades", 1L));
  }

  @Test
  void aLengthOfWhichTradesWereDroppedBeforeItWasKeptIsNoPartThere() throws Exception {
    insert(trade("a", T, 10, 1), trade("c", T + 86_400, 30, 1));
    store.execute("delete from analytics_trades where trade_id = 'a'");
    store.execute("update analytics_owner set retained_since = " + (T + 85_980));
    TimescaleSink odd = TimescaleSink.builder().bucketSeconds(60, 90).build();
    store.prepare(odd);
    assertThat(completeDeferred(odd)).isFalse();

    TimescaleSink longer = TimescaleSink.builder().bucketSeconds(60, 90, 180).build();
    store.prepare(longer);
    assertThat(completeDeferred(longer)).isFalse();

    assertThat(store.count("select sum(trades) from trade_candles where bucket_seconds = 90"))
        .isEqualTo(1);
    assertThat(store.count("select sum(trades) from trade_candles where bucket_seconds = 180"))
        .isEqualTo(2);
  }

  @Test
  void aSinkThatKeepsOtherLengthsThanAreRecordedWritesNothing() throws Exception {
    insert(trade("a", T, 10, 1));
    store.prepare(TimescaleSink.builder().bucketSeconds(60, 120).build());

    assertThatThrownBy(() -> insert(trade("b", T, 20, 1)))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("bucketSeconds")
        .hasMessageContaining("[60, 300, 900, 3600, 86400]")
        .hasMessageContaining("[60, 120]");
    assertThatThrownBy(() -> write(false, new TradeChange.Retract(new TradeKey(T, "a"))))
        .isInstanceOf(InvalidSettingException.class);
    assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(1);
    assertThat(store.count("select trades from trade_candles where bucket_seconds = 60"))
        .isEqualTo(1);
  }

  @Test
  void aTradeThatOpensClosesOrBoundsNothingIsReplacedWithoutReadingTheOthers() throws Exception {
    insert(
        trade("a", T, 10, 1),
        trade("b", T + 1, 30, 1),
        trade("c", T + 2, 20, 1),
        trade("d", T + 3, 5, 1),
        trade("e", T + 4, 10, 1));
    // Rows that are read would show that one is gone.
    store.execute("delete from analytics_trades where trade_id = 'b'");

    write(
        false,
        replace(trade("a", T, 11, 2)),
        replace(trade("c", T + 2, 29, 4)),
        replace(trade("d", T + 3, 4, 1)));

    assertThat(store.candles())
        .hasSize(5)
        .allSatisfy(
            candle ->
                assertThat(candle)
                    .containsEntry("open", "11")
                    .containsEntry("high", "30")
                    .containsEntry("low", "4")
                    .containsEntry("close", "10")
                    .containsEntry("volume", "9")
                    .containsEntry("trades", 5L));
  }

  @Test
  void aLongerCandleIsMergedFromShorterOnesAndNotFromTrades() throws Exception {
    insert(trade("a", T, 10, 1), trade("b", T + 60, 30, 1), trade("c", T + 120, 20, 1));
    store.execute("delete from analytics_trades where trade_id = 'a'");

    write(false, new TradeChange.Retract(new TradeKey(T + 60, "b")));

    assertThat(
            store.rows(
                "select distinct high::text, trades from trade_candles"
                    + " where bucket_seconds > 60"))
        .containsExactly(Map.of("high", "20", "trades", 2L));
  }

  @Test
  void anotherServiceIsRefused() {
    PostgresSyncLog other =
        PostgresSyncLog.builder(store.database.dataSource()).service("billing").build();
    other.prepare();

    assertThatThrownBy(
            () ->
                other.transact(
                    null,
                    transaction -> {
                      store.sink.prepare("billing", (Connection) transaction.handle());
                      return true;
                    }))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("service must be analytics")
        .hasMessageContaining("billing");
  }

  @Test
  void theIdentityTellsApartWhatWritesOtherwise() {
    assertThat(
            List.of(
                TimescaleSink.builder(),
                TimescaleSink.builder().schema("other"),
                TimescaleSink.builder().bucketSeconds(60, 3_600),
                TimescaleSink.builder().candles(CandleStorage.CONTINUOUS_AGGREGATES),
                TimescaleSink.builder().refresh("hourly"),
                TimescaleSink.builder().retainFor(Duration.ofDays(30))))
        .extracting(builder -> builder.build().identity())
        .doesNotHaveDuplicates()
        .contains(
            "TimescaleSink, schema public, candles of [60, 300, 900, 3600, 86400] s as TABLE,"
                + " refresh [], trades kept for ever");
    assertThat(TimescaleSink.builder().bucketSeconds(3_600, 60).build().identity())
        .isEqualTo(TimescaleSink.builder().bucketSeconds(60, 3_600).build().identity());
  }

  @Test
  void settingsAreChecked() {
    assertThatThrownBy(() -> TimescaleSink.builder().bucketSeconds(60, 0))
        .hasMessageContaining("bucketSeconds")
        .hasMessageContaining("0");
    assertThatThrownBy(() -> TimescaleSink.builder().bucketSeconds(60, 60))
        .hasMessageContaining("60");
    assertThatThrownBy(() -> TimescaleSink.builder().schema(" ")).hasMessageContaining("schema");
  }

  @Test
  void afterRandomChangesOfManyThreadsTheCandlesEqualTheirTrades() throws Exception {
    long seed = 20_261_123L;
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> writers = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      Random random = new Random(seed + thread);
      String name = "w" + thread + "-";
      writers.add(
          threads.submit(
              () -> {
                TreeMap<TradeKey, Trade> mine = new TreeMap<>();
                for (int batch = 0; batch < 25; batch++) {
                  TreeMap<TradeKey, TradeChange> changes = new TreeMap<>();
                  for (int i = 0; i < 12; i++) {
                    changes.putIfAbsent(
                        new TradeKey(T + random.nextInt(400), name + random.nextInt(40)),
                        new TradeChange.Retract(TradeKey.MIN));
                  }
                  changes.replaceAll((key, ignored) -> change(key, mine, random));
                  changes.values().removeIf(change -> change.key().equals(TradeKey.MIN));
                  if (!changes.isEmpty()) {
                    write(random.nextInt(5) == 0, changes.values().toArray(TradeChange[]::new));
                  }
                }
                return null;
              }));
    }
    for (Future<?> writer : writers) {
      writer.get();
    }
    threads.shutdown();
    store.assertCandlesEqualTheirTrades();
    while (completeDeferred()) {
      // until nothing is left
    }
    store.assertCandlesEqualTheirTrades();
    assertThat(store.count("select count(*) from analytics_trades")).isPositive();
  }

  private static TradeChange change(TradeKey key, Map<TradeKey, Trade> mine, Random random) {
    Trade old = mine.get(key);
    if (old != null && random.nextInt(3) == 0) {
      mine.remove(key);
      return new TradeChange.Retract(key);
    }
    Trade trade = trade(key.id(), key.epochSecond(), random.nextInt(100), random.nextInt(9));
    mine.put(key, trade);
    return old == null ? new TradeChange.Insert(trade) : replace(trade);
  }
}
