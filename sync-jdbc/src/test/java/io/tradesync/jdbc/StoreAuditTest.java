package io.tradesync.jdbc;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tradesync.AuditReport;
import io.tradesync.GapCounts;
import io.tradesync.RunOptions;
import io.tradesync.StoreDifferences;
import io.tradesync.StoreDifferences.SubRange;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody changes what people query, behind the engine's back; an audit names where. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreAuditTest {

  /** A multiple of all lengths of candles. */
  static final long T = 1_754_352_000L;

  private static final List<String> TABLES =
      List.of(
          "analytics_trades",
          "trade_candles",
          "candle_rebuild",
          "sync_log",
          "sync_tracked_id",
          "sync_store_difference");

  final StoreFixture store = newStore();
  final InMemoryTradeSource source = new InMemoryTradeSource();
  final SyncEngine engine = builder().build();

  StoreFixture newStore() {
    return new StoreFixture();
  }

  /** Compresses what can be compressed. */
  void compress() {}

  List<String> truncations() {
    return List.of("truncate analytics_trades", "truncate trade_candles");
  }

  @BeforeAll
  void write() {
    for (int i = 0; i < 60; i++) {
      source.put(
          trade(String.format(Locale.ROOT, "t%02d", i), T + 20 * i, 100 + i * 7 % 40, 1 + i % 5));
    }
    // A trade without a price counts in no candle.
    source.put(Trade.builder("u", T + 30, 1, "pool").quantity(BigDecimal.ONE).build());
    source.put(trade("negative", -301, 5, 2));
    source.put(
        Trade.builder("decimals", T + 31, 1, "pool")
            .price(new BigDecimal("1.5000"))
            .quantity(new BigDecimal("2.25"))
            .build());
    assertThat(engine.run().success()).isTrue();
    TABLES.forEach(
        table -> store.execute("create table undamaged_%1$s as table %1$s".formatted(table)));
  }

  @AfterEach
  void restore() {
    for (String table : TABLES) {
      store.execute("delete from " + table);
      store.execute("insert into %1$s select * from undamaged_%1$s".formatted(table));
    }
  }

  static Trade trade(String id, long second, long price, long quantity) {
    return Trade.builder(id, second, 1, second % 40 == 0 ? "pool" : "other")
        .price(BigDecimal.valueOf(price))
        .quantity(BigDecimal.valueOf(quantity))
        .side("Buy")
        .transactionId("0x" + id)
        .build();
  }

  SyncEngineBuilder builder() {
    return SyncEngine.builder()
        .source(source)
        .log(store.log)
        .sink(new KnownAttributes(store.sink, List.of()))
        .orphanGrace(Duration.ZERO)
        .retryDelay(Duration.ofMillis(1));
  }

  @AfterAll
  void drop() {
    engine.close();
    store.close();
  }

  StoreDifferences audit() {
    AuditReport report = engine.audit();
    assertThat(report.gaps()).isEqualTo(GapCounts.NONE);
    return Objects.requireNonNull(report.store());
  }

  @Test
  void aStoreThatNobodyChangedDoesNotDiffer() {
    assertThat(audit()).isEqualTo(new StoreDifferences(0, List.of(), true, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "delete from analytics_trades where trade_id = 't20'             | 300 | 1",
        "update analytics_trades set price = price + 1 where trade_id = 't20' | 300 | 1",
        "update analytics_trades set price = null where trade_id = 't20' | 300 | 1",
        "update analytics_trades set price = 'NaN' where trade_id = 't20' | 300 | 1",
        "update analytics_trades set side = 'Sell' where trade_id = 't20' | 300 | 1",
        "update analytics_trades set side = null where trade_id = 't20'  | 300 | 1",
        "update analytics_trades set transaction_id = '' where trade_id = 't20' | 300 | 1",
        "update analytics_trades set volume = volume + 1 where trade_id = 't20' | 300 | 1",
        "update analytics_trades set volume = null where trade_id = 't20' | 300 | 1",
        "update analytics_trades set volume = 0 where trade_id = 'u'     | 0   | 1",
        "update analytics_trades set attributes = '{\"a\": 1}' where trade_id = 't20' | 300 | 1",
        "update analytics_trades set trade_timestamp = 5 where trade_id = 't20' | 300 | 1",
        "update analytics_trades set price = 1e2000, quantity = 1e2000 where trade_id = 't20' | 300"
            + " | 1",
        "delete from analytics_trades where trade_id >= 't15' and trade_id < 't30' | 300 | 15",
      })
  void aChangedRowIsNamed(String damage, long from, long trades) {
    store.execute(damage);

    StoreDifferences found = audit();
    assertThat(found.ranges())
        .filteredOn(range -> range.trades() > 0)
        .extracting(SubRange::fromEpochSecond, SubRange::trades)
        .containsExactly(tuple(T + from, trades));
    assertThat(found.complete()).isTrue();
  }

  // TimescaleDB refuses to update the time of a row in a compressed chunk.
  private static final String MOVED =
      """
      with moved as (
        delete from analytics_trades where {row} returning *)
      insert into analytics_trades
      select ts + interval '%s', trade_id, trade_timestamp, chain_id, pool_id, symbol, side, price,
        quantity, volume, scaled_volume, transaction_id, attributes
      from moved\
      """;

  @Test
  void aRowInAnotherSecondDiffersInBothSubRanges() {
    store.execute("update analytics_trades set ts = ts + interval '1 hour' where trade_id = 't20'");

    assertThat(audit().ranges())
        .filteredOn(range -> range.trades() > 0)
        .extracting(SubRange::fromEpochSecond)
        .containsExactly(T + 300, T + 3_900);
  }

  @ParameterizedTest
  @CsvSource({"0.5 seconds", "-0.25 seconds"})
  void aRowInAPartOfASecondDiffers(String shift) {
    store.execute(
        "update analytics_trades set ts = ts + interval '%s' where trade_id = 't20'"
            .formatted(shift));

    assertThat(audit().ranges())
        .filteredOn(range -> range.trades() > 0)
        .extracting(SubRange::fromEpochSecond)
        .containsExactly(T + 300);
  }

  @Test
  void rowsThatNobodyProcessedDifferWhereverTheyAre() {
    for (String ts : List.of("1900-01-01", "2025-08-05 00:12:03", "2300-01-01 00:00:00.7")) {
      store.execute(
          """
          insert into analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id)
          values ('%s+00', 'by hand', extract(epoch from timestamptz '%s+00')::bigint, 1, 'pool')\
          """
              .formatted(ts, ts));
    }

    assertThat(audit().ranges())
        .extracting(SubRange::fromEpochSecond, SubRange::trades)
        .containsExactly(
            tuple(-2_208_988_800L, 1L), tuple(T + 600, 1L), tuple(10_413_792_000L, 1L));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "delete from trade_candles where {c}                       | 60    | 300 | 2",
        "delete from trade_candles where {c}                       | 3600  | 0   | 4",
        "update trade_candles set open = open + 1 where {c}        | 86400 | 0   | 2",
        "update trade_candles set close = close + 1 where {c}      | 300   | 300 | 2",
        "update trade_candles set high = high + 1 where {c}        | 900   | 0   | 2",
        "update trade_candles set low = low - 1 where {c}          | 900   | 0   | 2",
        "update trade_candles set volume = volume * 2 where {c}    | 86400 | 0   | 2",
        "update trade_candles set quote_volume = 0 where {c}       | 86400 | 0   | 2",
        "update trade_candles set trades = trades + 1 where {c}    | 86400 | 0   | 2",
        "update trade_candles set open_id = 't99' where {c}        | 86400 | 0   | 2",
        "update trade_candles set close_id = null where {c}        | 86400 | 0   | 2",
        "update trade_candles set open_timestamp = open_timestamp - 1 where {c} | 86400 | 0 | 2",
        "update trade_candles set close_timestamp = close_timestamp + 1 where {c} | 86400 | 0 | 2",
        "update trade_candles set pool_id = concat(pool_id, 'x') where {c} | 86400 | 0 | 4",
      })
  void aChangedCandleIsNamed(String damage, int length, long from, long atLeast) {
    store.execute(
        damage.replace(
            "{c}",
            String.format(
                Locale.ROOT,
                "bucket_seconds = %d and bucket_start = to_timestamp(%d)",
                length,
                T + from)));

    List<SubRange> ranges = audit().ranges();
    assertThat(ranges).allMatch(range -> range.trades() == 0);
    // A longer candle that is merged from a changed one differs from it, too.
    assertThat(ranges).extracting(SubRange::fromEpochSecond).contains(T + from);
    assertThat(ranges.stream().mapToLong(SubRange::candles).sum()).isGreaterThanOrEqualTo(atLeast);
  }

  /** Damages the store at random, many times over, and repairs it by one run each. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void whatIsDamagedAtRandomIsNamedAndRepairedByTheNextRun(long seed) {
    Random random = new Random(seed);
    List<Map<String, Object>> trades = store.rows(ROWS);
    List<Map<String, Object>> candles = store.rows(CANDLES);
    for (int i = 0; i < 3; i++) {
      compress();
      List<String> damages = new ArrayList<>(DAMAGES);
      damages.addAll(truncations());
      Collections.shuffle(damages, random);
      damages.subList(0, 1 + random.nextInt(5)).forEach(damage -> damage(damage, random));
      Set<Long> damaged = new TreeSet<>();
      damaged.addAll(subRanges(trades, store.rows(ROWS)));
      damaged.addAll(subRanges(store.rows(ROWS), trades));
      damaged.addAll(subRanges(store.rows(CANDLES), candles));
      // A longer candle whose parts are gone as well is named by them.
      damaged.addAll(
          subRanges(
              candles.stream().filter(row -> (int) row.get("bucket_seconds") <= 300).toList(),
              store.rows(CANDLES)));

      StoreDifferences found = audit();
      assertThat(found.ranges())
          .as("seed %d, %s", seed, damages)
          .extracting(SubRange::fromEpochSecond)
          .containsAll(damaged);
      assertThat(engine.health().storeDiffers()).isEqualTo(found.differing());
      assertThat(engine.health().isHealthy()).isEqualTo(found.differing() == 0);
      SyncResult result = engine.run();
      assertThat(result.success()).as(result.message()).isTrue();

      assertThat(store.rows(ROWS)).as("seed %d, %s", seed, damages).isEqualTo(trades);
      assertThat(store.rows(CANDLES)).as("seed %d, %s", seed, damages).isEqualTo(candles);
      assertThat(audit()).isEqualTo(new StoreDifferences(0, List.of(), true, 0));
      assertThat(engine.health().isHealthy()).isTrue();
    }
  }

  private static final String ROWS =
      """
      select floor(extract(epoch from ts) / 300)::bigint * 300 as at, ts, trade_id,
        trade_timestamp, chain_id, pool_id, side, price::text, quantity::text, volume::text,
        transaction_id, attributes::text
      from analytics_trades order by ts, trade_id\
      """;

  private static final String CANDLES =
      """
      select floor(extract(epoch from bucket_start) / 300)::bigint * 300 as at, chain_id, pool_id,
        bucket_seconds, bucket_start, open::text, high::text, low::text, close::text, trim_scale(volume)::text as volume,
        trim_scale(quote_volume)::text as quote_volume, trades, open_timestamp, open_id,
        close_timestamp, close_id
      from trade_candles order by bucket_seconds, bucket_start, chain_id, pool_id\
      """;

  private static final List<String> DAMAGES =
      List.of(
          "delete from analytics_trades where {row}",
          "delete from analytics_trades where trade_id > '{id}' and random() < 0.5",
          "delete from analytics_trades",
          "update analytics_trades set price = price + 1 where {row}",
          "update analytics_trades set price = null, volume = null where {row}",
          "update analytics_trades set quantity = quantity * 2, volume = volume * 2 where {row}",
          "update analytics_trades set volume = volume + 1 where {row}",
          "update analytics_trades set pool_id = 'nowhere' where {row}",
          "update analytics_trades set side = 'Sell', transaction_id = null where {row}",
          MOVED.formatted("7 minutes"),
          MOVED.formatted("0.5 seconds"),
          "update analytics_trades set trade_timestamp = trade_timestamp + 1 where {row}",
          """
          insert into analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id, price,
            quantity, volume)
          values (to_timestamp({second}), 'by hand', {second}, 1, 'pool', 9, 9, 81)\
          """,
          """
          insert into analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id)
          values (to_timestamp({second}), '{id}', {second}, 1, 'pool') on conflict do nothing\
          """,
          "delete from trade_candles where {candle}",
          "delete from trade_candles where random() < 0.5",
          "delete from trade_candles",
          "update trade_candles set volume = volume + 1 where {candle}",
          "update trade_candles set open_id = 'x' where {candle}",
          "update trade_candles set high = high + 1, trades = trades + 1 where {candle}",
          "update trade_candles set pool_id = concat(pool_id, 'x') where {candle}",
          """
          insert into trade_candles (chain_id, pool_id, bucket_seconds, bucket_start, volume,
            quote_volume, trades)
          values (7, 'by hand', 60, to_timestamp({second}), 1, 1, 1)\
          """);

  private void damage(String statement, Random random) {
    List<Integer> lengths = TimescaleSink.Builder.DEFAULT_BUCKET_SECONDS;
    int length = lengths.get(random.nextInt(lengths.size()));
    String id = String.format(Locale.ROOT, "t%02d", random.nextInt(60));
    store.execute(
        statement
            .replace("{row}", "trade_id = '%s'".formatted(id))
            .replace("{id}", id)
            .replace("{second}", Long.toString(T + 60 * random.nextInt(40)))
            .replace(
                "{candle}",
                String.format(
                    Locale.ROOT,
                    "bucket_seconds = %d and bucket_start <= to_timestamp(%d) and pool_id = '%s'",
                    length,
                    T + random.nextInt(1_200),
                    random.nextBoolean() ? "pool" : "other")));
  }

  /** The sub-ranges of the rows that only the first of two lists holds. */
  private static Set<Long> subRanges(
      List<Map<String, Object>> rows, List<Map<String, Object>> others) {
    Set<Map<String, Object>> only = new HashSet<>(rows);
    only.removeAll(new HashSet<>(others));
    return only.stream().map(row -> (Long) row.get("at")).collect(toSet());
  }

  @Test
  void candlesThatAreStillToBeRecomputedAreNotJudged() {
    store.execute("update trade_candles set volume = 0 where bucket_seconds = 86400");
    store.execute(
        """
        insert into candle_rebuild
        select chain_id, pool_id, bucket_seconds, bucket_start
        from trade_candles where bucket_seconds = 86400 and trades > 0\
        """);
    long marked = store.count("select count(*) from candle_rebuild");

    assertThat(audit()).isEqualTo(new StoreDifferences(0, List.of(), true, marked));
  }

  @Test
  void aFailureOfAProcessedTradeIsNoDifference() {
    store.execute(
        """
        update sync_log set failed_at = now(), failed_fingerprint = 1, error_message = 'refused'
        where trade_id = 't20'\
        """);

    assertThat(Objects.requireNonNull(engine.audit().store()).differing()).isZero();
  }

  @Test
  void aRowOfNobodyIsSubjectToTheGracePeriod() {
    store.execute(
        String.format(
            Locale.ROOT,
            """
            insert into analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id, price,
              quantity, volume)
            values (to_timestamp(%1$d), 'by hand', %1$d, 1, 'pool', 9, 9, 81)\
            """,
            T + 45));
    try (SyncEngine patient = builder().orphanGrace(Duration.ofHours(1)).build()) {
      assertThat(Objects.requireNonNull(patient.audit().store()).differing()).isEqualTo(2);
      assertThat(patient.run().success()).isTrue();

      assertThat(patient.health().gaps()).isEqualTo(new GapCounts(0, 0, 0, 1));
      assertThat(patient.health().storeDiffers()).isZero();
      assertThat(store.count("select count(*) from analytics_trades where trade_id = 'by hand'"))
          .isEqualTo(1);
      store.assertCandlesEqualTheirTrades();
    }
    assertThat(engine.run().total()).isEqualTo(1);
    assertThat(store.count("select count(*) from analytics_trades where trade_id = 'by hand'"))
        .isZero();
    store.assertCandlesEqualTheirTrades();
  }

  @Test
  void aRowWithoutAnEntryIsWrittenAgainIfTheSourceHasItsTrade() {
    List<Map<String, Object>> trades = store.rows(ROWS);
    List<Map<String, Object>> candles = store.rows(CANDLES);
    store.execute(
        "update analytics_trades set price = 1, volume = quantity where trade_id = 't20'");
    store.execute("delete from sync_log where trade_id = 't20'");

    AuditReport report = engine.audit();
    assertThat(report.gaps()).isEqualTo(new GapCounts(1, 0, 0, 0));
    assertThat(Objects.requireNonNull(report.store()).differing()).isPositive();
    SyncResult result = engine.run();
    assertThat(result.processed()).isEqualTo(1);
    assertThat(result.errors()).isZero();

    assertThat(store.rows(ROWS)).isEqualTo(trades);
    assertThat(store.rows(CANDLES)).isEqualTo(candles);
    assertThat(audit().differing()).isZero();
  }

  @Test
  void aRowOfNobodyStaysIfTheSourceHasItsTradeByThen() {
    Trade late = trade("late", T + 45, 9, 9);
    store.execute(
        String.format(
            Locale.ROOT,
            """
            insert into analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id, price,
              quantity, volume)
            values (to_timestamp(%1$d), 'late', %1$d, 1, 'pool', 9, 9, 1)\
            """,
            T + 45));
    assertThat(audit().differing()).isPositive();
    source.put(late);
    try {
      assertThat(engine.run().processed()).isEqualTo(1);

      assertThat(store.trades()).contains(late);
      store.assertCandlesEqualTheirTrades();
      assertThat(audit().differing()).isZero();
    } finally {
      source.remove("late");
    }
  }

  /** Which of them is missing shows by its parts only, and what follows from it by itself. */
  @ParameterizedTest
  @ValueSource(ints = {300, 900, 3_600, 86_400})
  void longerCandlesThatAreGoneTogetherAreRestoredByOneRun(int shortest) {
    List<Map<String, Object>> candles = store.rows(CANDLES);
    store.execute(
        "delete from trade_candles where bucket_start < 'epoch' and bucket_seconds >= " + shortest);

    assertThat(audit().differing()).isPositive();
    assertThat(engine.run().success()).isTrue();

    assertThat(store.rows(CANDLES)).isEqualTo(candles);
    assertThat(audit().differing()).isZero();
  }

  @ParameterizedTest
  @MethodSource("truncations")
  void aTruncatedTableIsRestored(String truncation) {
    List<Map<String, Object>> trades = store.rows(ROWS);
    List<Map<String, Object>> candles = store.rows(CANDLES);
    store.execute(truncation);

    assertThat(audit().differing()).isPositive();
    assertThat(engine.run().success()).isTrue();

    assertThat(store.rows(ROWS)).isEqualTo(trades);
    assertThat(store.rows(CANDLES)).isEqualTo(candles);
    assertThat(audit().differing()).isZero();
  }

  @Test
  void manyRowsOfNobodyAreHeldBackAsOrphansAre() {
    List<Map<String, Object>> trades = store.rows(ROWS);
    store.execute(
        String.format(
            Locale.ROOT,
            """
            insert into analytics_trades (ts, trade_id, trade_timestamp, chain_id, pool_id, price,
              quantity, volume)
            select to_timestamp(%1$d), 'by hand ' || n, %1$d, 1, 'pool', 9, 9, 81
            from generate_series(1, 150) as n\
            """,
            T + 45));
    assertThat(audit().differing()).isGreaterThanOrEqualTo(150);

    SyncResult heldBack = engine.run();
    assertThat(heldBack.success()).isFalse();
    assertThat(heldBack.message()).contains("150");
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 0, 150));

    assertThat(engine.run(RunOptions.DEFAULT.allowMassRetraction(true)).success()).isTrue();
    assertThat(store.rows(ROWS)).isEqualTo(trades);
    store.assertCandlesEqualTheirTrades();
    assertThat(audit().differing()).isZero();
  }

  @Test
  void aSinkWithoutDigestsIsAuditedWithoutThem() {
    try (SyncEngine plain = builder().sink(store.sink).build()) {
      assertThat(plain.audit().store()).isNull();
    }
  }
}
