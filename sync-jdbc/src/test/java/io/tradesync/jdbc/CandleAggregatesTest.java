package io.tradesync.jdbc;

import static io.tradesync.jdbc.StoreFixture.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tradesync.AuditReport;
import io.tradesync.GapCounts;
import io.tradesync.InvalidSettingException;
import io.tradesync.StoreDifferences;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.SinkDigests;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Candles that are kept as continuous aggregates, and aggregates of the user. */
class CandleAggregatesTest {

  private static final long T = 1_754_400_000L;
  private static final long DAY = 86_400;
  private static final long FIRST_DAY = T / DAY * DAY;

  private final StoreFixture store = StoreFixture.onTimescale();
  private final InMemoryTradeSource source = new InMemoryTradeSource();

  @AfterEach
  void close() {
    store.close();
  }

  private static TimescaleSink.Builder aggregates() {
    return TimescaleSink.builder().candles(CandleStorage.CONTINUOUS_AGGREGATES);
  }

  /** Trades in memory have no attributes, but their source does not say so. */
  private static final class WithoutAttributes extends ForwardingSink<Connection> {
    WithoutAttributes(TimescaleSink sink) {
      super(sink);
    }

    @Override
    public Optional<SinkDigests<Connection>> digests(Optional<List<String>> attributeNames) {
      return super.digests(Optional.of(List.of()));
    }
  }

  private SyncEngine engine(TimescaleSink.Builder sink) {
    return SyncEngine.builder()
        .source(source)
        .log(store.log)
        .sink(new WithoutAttributes(sink.build()))
        .orphanGrace(Duration.ZERO)
        .build();
  }

  private void put(String id, long second, long price) {
    source.put(trade(id, second, price, 2));
  }

  private long spans() {
    return store.count("select count(*) from candle_refresh");
  }

  private void assertRight() {
    assertThat(spans()).isZero();
    assertThat(store.candles()).isNotEmpty();
    store.assertCandlesEqualTheirTrades();
  }

  /** Trades of four days that share seconds, in no order of theirs. */
  private void putSome() {
    for (int i = 0; i < 60; i++) {
      put("t" + (i * 37 % 60), T + i % 4 * DAY + i % 7 * 50, 1 + i * 13 % 29);
    }
  }

  @Test
  void afterARunTheCandlesAreThoseOfTheTrades() {
    putSome();
    try (SyncEngine engine = engine(aggregates())) {
      assertThat(engine.run().success()).isTrue();
      assertRight();

      put("t1", T + 2 * DAY + 5, 400); // moves
      put("t2", T, 500); // moves
      source.remove("t3");
      put("new", T - 40 * DAY, 3);
      assertThat(engine.run().success()).isTrue();
      assertRight();

      assertThat(engine.forceFromEpochSecond(T + DAY).success()).isTrue();
      assertRight();
      assertThat(engine.health().isHealthy()).isTrue();
      assertThat(engine.health().candlesToRecompute()).isZero();
      assertThat(differing(engine)).isNull();
    }
  }

  @Test
  void theCandlesFollowTheLivePath() throws Exception {
    try (SyncEngine engine = engine(aggregates())) {
      Trade trade = trade("a", T, 5, 2);
      source.put(trade);
      assertThat(engine.ingest(List.of(trade)).written()).hasSize(1);
      long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
      while (spans() > 0) {
        assertThat(System.nanoTime()).isLessThan(end);
        Thread.sleep(20);
      }
      assertRight();
    }
  }

  @Test
  void whatAProcessLeftWhenItDiedIsRefreshedByTheNextRun() throws Exception {
    TimescaleSink dies = aggregates().build();
    store.log.prepare();
    store.prepare(dies);
    write(dies, trade("a", T, 5, 2));
    assertThat(spans()).isEqualTo(1);
    assertThat(store.candles()).isEmpty();

    source.put(trade("b", T + DAY, 5, 2));
    try (SyncEngine engine = engine(aggregates())) {
      assertThat(engine.health().candlesToRecompute()).isEqualTo(1);
      assertThat(engine.run().success()).isTrue();
      assertRight();
    }
  }

  private void write(TimescaleSink sink, Trade trade) throws Exception {
    boolean ignored =
        store.log.transact(
            null,
            transaction -> {
              TradeChange insert = new TradeChange.Insert(trade);
              sink.write(
                  new TradeBatch("analytics", "key", false, List.of(insert)),
                  (Connection) transaction.handle());
              return true;
            });
  }

  @Test
  void anAuditFindsADamagedCandleAndTheNextRunRefreshesIt() {
    putSome();
    try (SyncEngine engine = engine(aggregates())) {
      assertThat(engine.run().success()).isTrue();
      damage();

      assertThat(differing(engine)).isEqualTo(new StoreDifferences.SubRange(FIRST_DAY, 0, 1));
      assertThat(engine.health().storeDiffers()).isPositive();

      assertThat(engine.run().success()).isTrue();
      assertRight();
      assertThat(differing(engine)).isNull();
      assertThat(engine.health().isHealthy()).isTrue();
    }
  }

  @Test
  void anAuditDoesNotJudgeWhatIsStillToBeRefreshed() {
    putSome();
    try (SyncEngine engine = engine(aggregates())) {
      assertThat(engine.run().success()).isTrue();
      damage();
      store.execute(
          String.format(
              Locale.ROOT,
              "insert into candle_refresh (from_second, to_second) values (%d, %d)",
              T,
              T + 300));

      assertThat(differing(engine)).isNull();

      assertThat(engine.run().success()).isTrue();
      assertRight();
    }
  }

  /** The sub-range in which an audit finds the store to differ; null if there is none. */
  private static StoreDifferences.@Nullable SubRange differing(SyncEngine engine) {
    AuditReport report = engine.audit();
    assertThat(report.gaps()).isEqualTo(GapCounts.NONE);
    List<StoreDifferences.SubRange> ranges = Objects.requireNonNull(report.store()).ranges();
    assertThat(ranges).hasSizeLessThan(2);
    return ranges.isEmpty() ? null : ranges.get(0);
  }

  /** Changes the open of the first candle of a day. */
  private void damage() {
    String table =
        (String)
            store
                .rows(
                    """
                    select format('%I.%I', materialization_hypertable_schema,
                      materialization_hypertable_name) as name
                    from timescaledb_information.continuous_aggregates
                    where view_name = 'trade_candles_86400'\
                    """)
                .get(0)
                .get("name");
    store.execute(
        String.format(
            Locale.ROOT,
            "update %s set open = open + 1 where bucket_start = to_timestamp(%d)",
            table,
            FIRST_DAY));
  }

  @Test
  void anotherStorageOfAStoreWithDataIsRefusedWithTheSteps() {
    putSome();
    try (SyncEngine engine = engine(aggregates())) {
      assertThat(engine.run().success()).isTrue();
    }

    changeByTheSteps(TimescaleSink.builder(), "must be CONTINUOUS_AGGREGATES, as the candles of");
    changeByTheSteps(aggregates(), "must be TABLE, as the candles of");
  }

  private void changeByTheSteps(TimescaleSink.Builder other, String rule) {
    InvalidSettingException refused =
        catchThrowableOfType(InvalidSettingException.class, () -> engine(other));
    assertThat(refused).hasMessageStartingWith("candles " + rule);
    store.assertCandlesEqualTheirTrades();
    String message = refused.getMessage();
    int first = message.indexOf("execute \"") + 9;
    store.execute(message.substring(first, message.indexOf("\" and start again")));
    try (SyncEngine engine = engine(other)) {
      assertThat(engine.health().candlesToRecompute()).isPositive();
      assertThat(engine.run().success()).isTrue();
      assertRight();
      assertThat(store.count("select count(*) from trade_latest_prices")).isEqualTo(1);
    }
  }

  @Test
  void inAStoreWithoutTradesTheStorageChangesAndTheOtherProcessIsRefused() throws Exception {
    TimescaleSink first = aggregates().build();
    store.log.prepare();
    store.prepare(first);
    store.prepare(TimescaleSink.builder().build());

    assertThatThrownBy(() -> write(first, trade("a", T, 5, 2)))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith("candles must be TABLE, as ");
    assertThat(store.trades()).isEmpty();
    assertThat(spans()).isZero();

    TimescaleSink table = TimescaleSink.builder().build();
    store.prepare(aggregates().build());
    assertThatThrownBy(() -> write(table, trade("a", T, 5, 2)))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith("candles must be CONTINUOUS_AGGREGATES, as ");
    assertThat(store.trades()).isEmpty();
  }

  @Test
  void whatTheServerCannotKeepIsRefusedByName() throws Exception {
    store.log.prepare();
    store.execute("create table trade_candles_60 (n int)");
    assertThatThrownBy(() -> store.prepare(aggregates().build()))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageStartingWith("bucketSeconds must be lengths of which this TimescaleDB can keep")
        .hasMessageEndingWith(", but is: 60");
    store.execute("drop table trade_candles_60");

    store.prepare();
    store.execute("drop table analytics_trades cascade");
    store.execute("create table analytics_trades (ts timestamptz primary key)");
    assertThatThrownBy(() -> store.prepare(aggregates().build()))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("needs analytics_trades to be a hypertable");
  }

  @Test
  void aLengthThatIsAddedIsComputedFromWhatIsThere() {
    putSome();
    try (SyncEngine engine = engine(aggregates().bucketSeconds(60, 3_600))) {
      assertThat(engine.run().success()).isTrue();
    }
    try (SyncEngine engine = engine(aggregates())) {
      assertThat(store.count("select count(*) from candle_length where complete_since is null"))
          .isEqualTo(3);
      assertThat(engine.run().success()).isTrue();
      assertRight();
      assertThat(store.count("select count(*) from candle_length where complete_since is null"))
          .isZero();
      assertThat(differing(engine)).isNull();
    }
  }

  @Test
  void aggregatesOfTheUserAreRefreshedAndKeepWhatWasDropped() throws Exception {
    store.log.prepare();
    store.prepare();
    store.execute(
        """
        create materialized view "Volumes" with (timescaledb.continuous) as
        select time_bucket(interval '1 day', ts) as day, sum(quantity) as quantity, count(*) as n
        from analytics_trades
        group by 1
        with no data\
        """);
    store.execute("alter materialized view \"Volumes\" set (timescaledb.materialized_only = true)");
    for (int day = 0; day < 30; day++) {
      put("d" + day, T + day * DAY, 1);
    }
    try (SyncEngine engine = engine(TimescaleSink.builder().refresh("Volumes"))) {
      assertThat(engine.run().success()).isTrue();
      assertThat(volumes()).isEqualTo(60);

      store.execute(
          String.format(
              Locale.ROOT,
              "select drop_chunks('analytics_trades', older_than => to_timestamp(%d))",
              T + 20 * DAY));
      put("late", T + 29 * DAY, 1);
      put("d29", T + 28 * DAY, 1);
      assertThat(engine.run().success()).isTrue();
      assertThat(store.trades()).hasSizeLessThan(30);
      assertThat(volumes()).isEqualTo(62);
    }
    assertThatThrownBy(() -> engine(TimescaleSink.builder().refresh("absent")))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("refresh must be the name of a continuous aggregate, but is: absent");
  }

  private long volumes() {
    return store.count("select sum(quantity)::bigint from \"Volumes\"");
  }
}
