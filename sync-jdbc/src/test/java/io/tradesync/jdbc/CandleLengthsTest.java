package io.tradesync.jdbc;

import static io.tradesync.jdbc.StoreFixture.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.sql.Connection;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lengths of candles that change while another process writes. */
class CandleLengthsTest {

  private static final long T = 1_754_400_000L;

  private final StoreFixture store = new StoreFixture();

  @BeforeEach
  void prepare() throws Exception {
    store.prepare();
  }

  @AfterEach
  void drop() {
    store.close();
  }

  @Test
  void aStartThatKeepsOtherLengthsWaitsForTransactionsThatWriteCandles() throws Exception {
    ExecutorService starts = Executors.newSingleThreadExecutor();
    try (Connection writing = store.database.dataSource().getConnection()) {
      writing.setAutoCommit(false);
      store.sink.write(
          new TradeBatch(
              "analytics", "key", false, List.of(new TradeChange.Insert(trade("a", T, 10, 1)))),
          writing);
      TimescaleSink other = TimescaleSink.builder().bucketSeconds(60, 120).build();
      Future<?> start =
          starts.submit(
              () -> {
                store.prepare(other);
                return null;
              });
      while (store.count("select count(*) from pg_locks where not granted") == 0) {
        Thread.onSpinWait();
      }
      writing.commit();
      start.get();
      store.log.transact(
          null, transaction -> other.completeDeferred((Connection) transaction.handle()));
    } finally {
      starts.shutdown();
    }

    assertThat(store.count("select trades from trade_candles where bucket_seconds = 120"))
        .isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"trade_timestamp = 9223372036854775807", "ts = 'infinity'"})
  void aLengthIsBuiltOverARowWhoseTimeSomebodyDamaged(String damage) throws Exception {
    write(
        store.sink,
        List.of(
            new TradeChange.Insert(trade("a", T, 10, 1)),
            new TradeChange.Insert(trade("b", T + 600, 10, 1))));
    store.execute("update analytics_trades set " + damage + " where trade_id = 'b'");
    TimescaleSink other = TimescaleSink.builder().bucketSeconds(90).build();
    store.prepare(other);
    build(other);

    assertThat(
            store.count(
                "select trades from trade_candles where bucket_seconds = 90 and bucket_start <="
                    + " to_timestamp("
                    + T
                    + ")"))
        .isEqualTo(1);
  }

  /** In the middle of a candle of 4 minutes, and of one of 12 minutes. */
  private static final long BOUNDARY = T + 1_020;

  private static final List<Integer> OTHERS = List.of(240, 720);

  private final TimescaleSink others = TimescaleSink.builder().bucketSeconds(240, 720).build();

  /** Trades of an hour, a minute each, of which those below a second are gone. */
  private void fillAndDropBelow(long boundary) throws Exception {
    List<TradeChange> inserts = new ArrayList<>();
    for (int minute = 0; minute < 60; minute++) {
      inserts.add(
          new TradeChange.Insert(
              trade(
                  String.format(Locale.ROOT, "m%02d", minute), T + 60 * minute, 100 + minute, 1)));
    }
    write(store.sink, inserts);
    dropBelow(boundary);
  }

  private void dropBelow(long boundary) {
    store.execute(
        String.format(
            Locale.ROOT,
            "update analytics_owner set retained_since = %1$d; delete from analytics_trades where"
                + " ts < to_timestamp(%1$d)",
            boundary));
  }

  private void write(TimescaleSink sink, List<TradeChange> changes) throws Exception {
    store.log.transact(
        null,
        transaction -> {
          sink.write(
              new TradeBatch("analytics", "key", false, changes),
              (Connection) transaction.handle());
          return true;
        });
  }

  private void build(TimescaleSink sink) throws Exception {
    while (store.completeDeferred(sink)) {
      // until nothing is left
    }
    assertThat(store.count("select count(*) from candle_rebuild")).isZero();
    assertThat(store.count("select count(*) from candle_length where complete_since is null"))
        .isZero();
  }

  private long boundary() {
    return store.count("select retained_since from analytics_owner");
  }

  /** The candles of some lengths that begin at or after a second. */
  private static List<Map<String, Object>> from(
      long second, List<Integer> lengths, List<Map<String, Object>> candles) {
    return candles.stream()
        .filter(candle -> lengths.contains((Integer) candle.get("bucket_seconds")))
        .filter(candle -> start(candle) >= second)
        .toList();
  }

  private static long start(Map<String, Object> candle) {
    return ((Timestamp) candle.get("bucket_start")).toInstant().getEpochSecond();
  }

  private void assertNoCandleMissesTrades(long boundary, List<Integer> lengths) {
    String all = StoreFixture.recomputation("analytics_trades", "array" + lengths);
    assertThat(from(Long.MIN_VALUE, lengths, store.candles()))
        .isEqualTo(from(boundary, lengths, store.rows(all)))
        .isNotEmpty();
  }

  @Test
  void lengthsThatReplaceAllOthersHaveNoCandleBelowTheBoundary() throws Exception {
    fillAndDropBelow(BOUNDARY);
    store.prepare(others);
    write(others, List.of(new TradeChange.Insert(trade("early", BOUNDARY + 5, 1, 1))));
    build(others);

    assertNoCandleMissesTrades(BOUNDARY, OTHERS);

    // Of what was the highest price in candles across the boundary, and in such above it.
    write(
        others,
        List.of(
            new TradeChange.Insert(trade("late", BOUNDARY + 7, 999, 1)),
            new TradeChange.Retract(trade("m19", T + 19 * 60, 1, 1).key()),
            new TradeChange.Replace(
                trade("m29", T + 29 * 60, 1, 1).key(), trade("m29", T + 29 * 60, 1, 1))));

    assertNoCandleMissesTrades(BOUNDARY, OTHERS);
    assertThat(store.count("select trades from trade_candles where bucket_seconds = 720 limit 1"))
        .isEqualTo(12);
  }

  @Test
  void aLengthThatIsBuiltWhileTheBoundaryRisesHasNoCandleBelow() throws Exception {
    fillAndDropBelow(BOUNDARY);
    store.prepare(others);
    dropBelow(T + 1_500);
    write(others, List.of(new TradeChange.Insert(trade("early", T + 1_505, 1, 1))));
    build(others);

    assertNoCandleMissesTrades(T + 1_500, OTHERS);
  }

  @Test
  void candlesOfAPartThatBeginLateAreNotMergedToOneThatBeginsEarlier() throws Exception {
    fillAndDropBelow(BOUNDARY);
    store.prepare(others);
    build(others);
    dropBelow(T + 2_400);
    TimescaleSink longer = TimescaleSink.builder().bucketSeconds(240, 480, 720).build();
    store.prepare(longer);
    build(longer);

    // What 240 has since T + 1200 is merged, also below the boundary.
    assertThat(
            store.rows(
                """
                select extract(epoch from bucket_start)::bigint as start, trades
                from trade_candles where bucket_seconds = 480 order by 1\
                """))
        .containsExactly(
            Map.of("start", T + 1_440, "trades", 8L),
            Map.of("start", T + 1_920, "trades", 8L),
            Map.of("start", T + 2_400, "trades", 8L),
            Map.of("start", T + 2_880, "trades", 8L),
            Map.of("start", T + 3_360, "trades", 4L));
  }

  @Test
  void candlesOfALengthThatIsRemovedAndKeptAgainStayWhereNothingCouldChangeThem() throws Exception {
    fillAndDropBelow(BOUNDARY);
    List<Map<String, Object>> before = from(Long.MIN_VALUE, List.of(60), store.candles());
    store.prepare(others);
    // The candle of a minute does not follow, and then its trades are gone as well.
    write(others, List.of(new TradeChange.Insert(trade("early", BOUNDARY + 5, 1, 1))));
    build(others);
    dropBelow(BOUNDARY + 120);
    store.prepare(store.sink);
    build(store.sink);

    List<Map<String, Object>> minutes = from(Long.MIN_VALUE, List.of(60), store.candles());
    assertThat(minutes.stream().filter(candle -> start(candle) < BOUNDARY + 120))
        .isEqualTo(before.stream().filter(candle -> start(candle) < BOUNDARY).toList())
        .hasSize(17);
    assertThat(from(BOUNDARY + 120, List.of(60), minutes))
        .isEqualTo(from(BOUNDARY + 120, List.of(60), store.recomputed("analytics_trades")))
        .isNotEmpty();
  }

  @Test
  void aLengthThatLosesItsPartsMovesTheBoundaryToOneOfItsCandles() throws Exception {
    fillAndDropBelow(BOUNDARY);
    store.prepare(TimescaleSink.builder().bucketSeconds(300, 3_600).build());
    assertThat(boundary()).isEqualTo(T + 1_200);

    // Both were complete, and the longer one is merged of the shorter one.
    store.prepare(TimescaleSink.builder().bucketSeconds(3_600).build());
    assertThat(boundary()).isEqualTo(T + 2_400).matches(second -> second % 3_600 == 0);
  }

  @Test
  void aLengthWhoseNewPartBeginsLaterMovesTheBoundaryToOneOfItsCandles() throws Exception {
    fillAndDropBelow(BOUNDARY);
    store.prepare(TimescaleSink.builder().bucketSeconds(100, 3_600).build());

    assertThat(boundary()).isEqualTo(T + 2_400).matches(second -> second % 3_600 == 0);
  }
}
