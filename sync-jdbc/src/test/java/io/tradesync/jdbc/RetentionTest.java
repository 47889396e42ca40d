package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tradesync.AuditReport;
import io.tradesync.GapCounts;
import io.tradesync.InvalidSettingException;
import io.tradesync.RunOptions;
import io.tradesync.Scope;
import io.tradesync.StoreDifferences.SubRange;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.AnalyticsSink;
import io.tradesync.spi.Hint;
import io.tradesync.spi.IngestResult;
import io.tradesync.spi.Retention;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trades that the store drops after a time: below that boundary everything stays as it is. */
class RetentionTest {

  private static final int DAY = 86_400;
  private static final int DAYS = 60;
  private static final int A_DAY = 4;
  private static final String POOL = "pool";

  private final StoreFixture store = newStore();
  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final long today =
      store.count("select extract(epoch from now())::bigint / 86400 * 86400");
  private final long start = today - DAYS * (long) DAY;
  private SyncEngine engine = engine(store.sink);

  StoreFixture newStore() {
    return StoreFixture.onTimescale();
  }

  @BeforeEach
  void fill() {
    for (int i = 0; i < DAYS * A_DAY; i++) {
      source.put(at(i, 100 + i % 7));
    }
    assertThat(engine.run().errors()).isZero();
  }

  @AfterEach
  void close() {
    engine.close();
    store.close();
  }

  private SyncEngine engine(AnalyticsSink sink) {
    return engine(sink, Scope.all());
  }

  private SyncEngine engine(AnalyticsSink sink, Scope scope) {
    return SyncEngine.builder()
        .source(source)
        .scope(scope)
        .log(store.log)
        .sink(sink)
        .orphanGrace(Duration.ZERO)
        .retryDelay(Duration.ofMillis(1))
        .parallelism(1)
        .build();
  }

  private Trade at(int i, long price) {
    return at(String.format(Locale.ROOT, "t%05d", i), start + i * (long) DAY / A_DAY, price);
  }

  private static Trade at(String id, long second, long price) {
    return Trade.builder(id, second, 31337, POOL)
        .price(BigDecimal.valueOf(price))
        .quantity(BigDecimal.valueOf(3))
        .build();
  }

  /** Drops the chunks that end before a day. */
  private void drop(int day) {
    store.execute(
        String.format(
            Locale.ROOT,
            "select drop_chunks('analytics_trades', older_than => to_timestamp(%d))",
            start + day * (long) DAY));
  }

  private long oldestChunk() {
    return store.count(
        """
        select extract(epoch from min(range_start))::bigint
        from timescaledb_information.chunks where hypertable_name = 'analytics_trades'\
        """);
  }

  private List<Map<String, Object>> candlesBelow(long second) {
    return store.rows(
        String.format(
            Locale.ROOT,
            """
            select pool_id, bucket_seconds, bucket_start, open, high, low, close, volume, trades
            from trade_candles
            where bucket_start + bucket_seconds * interval '1 second' <= to_timestamp(%d)
            order by 1, 2, 3\
            """,
            second));
  }

  private void assertNothingIsMissing() {
    assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    SyncResult result = engine.run();
    assertThat(result.success()).as(result.message()).isTrue();
    assertThat(result.total()).isZero();
  }

  @Test
  void aTradeBelowDroppedChunksThatChangesLeavesItsCandleAsItWas() {
    drop(20);
    long boundary = oldestChunk();
    List<Map<String, Object>> before = candlesBelow(boundary);

    source.put(at(3, 9_999));

    assertNothingIsMissing();
    assertThat(engine.health().retainedSinceEpochSecond()).isEqualTo(boundary);
    assertThat(candlesBelow(boundary)).isEqualTo(before).isNotEmpty();
    assertThat(oldestChunk()).isEqualTo(boundary);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 10})
  void chunksThatWereDroppedBelowARaisedBaselineRaiseTheBoundaryAsWell(int daysAbove) {
    drop(20);
    long boundary = oldestChunk();
    engine.close();
    Instant baseline = Instant.ofEpochSecond(boundary + daysAbove * (long) DAY);
    engine = engine(store.sink, Scope.since(baseline));

    assertNothingIsMissing();

    assertThat(engine.health().retainedSinceEpochSecond()).isEqualTo(boundary);
  }

  @Test
  void lateTradesAndOrphansBelowAreLeftAloneAndCountedByTheAudit() {
    drop(20);
    long boundary = oldestChunk();
    List<Map<String, Object>> before = candlesBelow(boundary);

    source.put(at("late", start + 5, 1), at(3, 9_999));
    source.remove(at(4, 1).id());

    assertNothingIsMissing();
    AuditReport report = engine.audit();
    assertThat(report.gaps()).isEqualTo(GapCounts.NONE);
    assertThat(report.belowRetention().retainedSinceEpochSecond()).isEqualTo(boundary);
    assertThat(report.belowRetention().differences()).isEqualTo(new GapCounts(1, 0, 1, 1));
    assertThat(report.belowRetention().firstEpochSecond()).isEqualTo(start + 5);
    assertThat(report.belowRetention().lastEpochSecond()).isEqualTo(start + DAY);
    assertThat(candlesBelow(boundary)).isEqualTo(before);
    assertThat(oldestChunk()).isEqualTo(boundary);
  }

  @Test
  void aForceWritesNothingBelow() {
    drop(20);
    long boundary = oldestChunk();
    List<Map<String, Object>> before = candlesBelow(boundary);

    SyncResult result = engine.forceFromEpochSecond(start - 1);

    assertThat(result.success()).isTrue();
    assertThat(result.errors()).isZero();
    assertThat(result.total()).isEqualTo(store.count("select count(*) from analytics_trades"));
    assertThat(oldestChunk()).isEqualTo(boundary);
    assertThat(candlesBelow(boundary)).isEqualTo(before);
  }

  @Test
  void entriesAndHintsBelowAreOutOfScope() {
    drop(20);
    assertNothingIsMissing();
    Trade late = at("late", start + 5, 1);
    source.put(late);

    IngestResult result = engine.ingest(List.of(late));

    assertThat(result.outOfScope()).containsExactly(late.key());
    assertThat(engine.catchUp(List.of(new Hint(late.epochSecond(), null))).processed()).isZero();
    assertThat(store.count("select count(*) from analytics_trades where trade_id = 'late'"))
        .isZero();
  }

  @Test
  void anIdThatMovesAcrossTheBoundary() {
    drop(20);
    long boundary = oldestChunk();
    List<Map<String, Object>> before = candlesBelow(boundary);
    Trade fromAbove = at(at(200, 1).id(), start + 9, 5);
    Trade fromBelow = at(at(6, 1).id(), start + 50L * DAY + 77, 5);
    source.put(fromAbove, fromBelow);

    assertThat(engine.run(RunOptions.DEFAULT.compareAll(true)).errors()).isZero();

    assertThat(store.trades()).contains(fromBelow).doesNotContain(fromAbove, at(200, 1));
    assertThat(candlesBelow(boundary)).isEqualTo(before);
    assertNothingIsMissing();
    assertThat(engine.audit().belowRetention().differences().total()).isPositive();
  }

  @Test
  void theBoundaryFollowsThePolicyAndTheSetting() {
    store.execute("select add_retention_policy('analytics_trades', interval '30 days')");
    assertBoundary(30);
    source.put(at(3, 9_999));
    assertNothingIsMissing();

    engine.close();
    engine = engine(TimescaleSink.builder().retainFor(Duration.ofDays(20)).build());
    assertBoundary(20);

    // It only rises.
    engine.close();
    engine = engine(store.sink);
    assertBoundary(20);
  }

  private void assertBoundary(int days) {
    long now = store.count("select extract(epoch from now())::bigint");
    long boundary = engine.health().retainedSinceEpochSecond();
    assertThat(boundary).isBetween(now - days * (long) DAY, now - days * (long) DAY + 1_200);
    assertThat(boundary % 60).isZero();
  }

  @Test
  void theDayInWhichTheBoundaryIsStaysRight() {
    long now = store.count("select extract(epoch from now())::bigint");
    long morning = start + 20L * DAY;
    // Ten minutes are taken off for the longest transaction.
    Duration age = Duration.ofSeconds(now - morning - 11 * 3_600);
    engine.close();
    engine = engine(TimescaleSink.builder().retainFor(age).build());
    long boundary = engine.health().retainedSinceEpochSecond();
    assertThat(boundary).isBetween(morning + 11 * 3_600, morning + 12 * 3_600);
    store.execute("delete from analytics_trades where trade_timestamp < " + boundary);

    // The day's trades are at 0, 6, 12 and 18 hours.
    source.put(at(82, 50_000), at("late", morning + 13 * 3_600, 60_000));
    source.remove(at(83, 1).id());
    assertThat(engine.run().total()).isEqualTo(3);

    assertThat(
            store.rows(
                String.format(
                    Locale.ROOT,
                    """
                    select trades, open, high, low, close, volume
                    from trade_candles
                    where bucket_seconds = 86400 and bucket_start = to_timestamp(%d)\
                    """,
                    morning)))
        .singleElement()
        .satisfies(
            day -> {
              assertThat(day).containsEntry("trades", 4L);
              assertThat((BigDecimal) day.get("open")).isEqualByComparingTo(at(80, 103).price());
              assertThat((BigDecimal) day.get("high")).isEqualByComparingTo("60000");
              assertThat((BigDecimal) day.get("low")).isEqualByComparingTo("103");
              assertThat((BigDecimal) day.get("close")).isEqualByComparingTo("60000");
              assertThat((BigDecimal) day.get("volume")).isEqualByComparingTo("12");
            });
  }

  @Test
  void anAuditNamesDamageAboveTheBoundaryOnly() {
    long now = store.count("select extract(epoch from now())::bigint");
    long morning = start + 20L * DAY;
    for (int minute = 0; minute < 150; minute++) {
      source.put(at("m" + minute, morning + 10 * 3_600 + 60 * minute, 100 + minute % 7));
    }
    assertThat(engine.run().errors()).isZero();
    Duration age = Duration.ofSeconds(now - morning - 11 * 3_600);
    engine.close();
    engine = engine(TimescaleSink.builder().retainFor(age).build());
    engine.close();
    // Otherwise the boundary would rise while the test runs.
    store.execute("select remove_retention_policy('analytics_trades')");
    engine = engine(new KnownAttributes(store.sink, List.of()));
    long boundary = engine.health().retainedSinceEpochSecond();
    assertThat(boundary).isBetween(morning + 11 * 3_600, morning + 12 * 3_600);
    assertThat(engine.audit().store().ranges()).isEmpty();
    List<Map<String, Object>> candles = candlesBelow(today + DAY);

    store.execute(
        String.format(
            Locale.ROOT,
            """
            delete from analytics_trades where trade_timestamp in (%1$d - 60, %1$d);
            update trade_candles set volume = volume + 1
            where bucket_seconds = 60
              and bucket_start in (to_timestamp(%1$d - 3600), to_timestamp(%1$d + 600))\
            """,
            boundary));

    assertThat(engine.audit().store().ranges())
        .extracting(SubRange::fromEpochSecond, SubRange::trades)
        .containsExactly(
            tuple(boundary - boundary % 300, 1L), tuple(boundary + 600 - boundary % 300, 0L));
    assertThat(engine.run().success()).isTrue();
    assertThat(engine.audit().store().ranges()).isEmpty();
    assertThat(
            store.count(
                "select count(*) from analytics_trades where trade_timestamp >= "
                    + (boundary - 60)
                    + " and trade_timestamp <= "
                    + boundary))
        .isEqualTo(1);
    store.execute(
        "update trade_candles set volume = volume - 1 where bucket_seconds = 60"
            + " and bucket_start = to_timestamp("
            + (boundary - 3_600)
            + ")");
    assertThat(candlesBelow(today + DAY)).isEqualTo(candles);
  }

  @Test
  void noChunkAtAllRaisesNothing() {
    drop(DAYS + 30);
    assertThat(engine.health().retainedSinceEpochSecond()).isNull();
    SyncResult forced = engine.forceFromEpochSecond(start - 1);
    assertThat(forced.total()).isEqualTo((long) DAYS * A_DAY);
    store.assertCandlesEqualTheirTrades();
  }

  @Test
  void whereTheDataHappensToBeginIsNoBoundary() {
    engine.close();
    source.put(at("first", start - 400L * DAY, 4));
    engine = engine(store.sink);
    assertThat(engine.run().processed()).isEqualTo(1);
    assertThat(store.trades()).contains(at("first", start - 400L * DAY, 4));
    assertThat(engine.health().retainedSinceEpochSecond()).isNull();
  }

  @Test
  void theBoundaryIsReadInEachTransactionThatWrites() throws Exception {
    long boundary = start + 20L * DAY;
    store.log.transact(
        null,
        transaction -> {
          transaction.retain(new Retention(OptionalLong.of(boundary), Optional.empty(), 60));
          return true;
        });
    List<Map<String, Object>> before = store.candles();
    Trade late = at("late", start + 5, 1);
    source.put(late);

    // The engine has not asked for the boundary since.
    IngestResult result = engine.ingest(List.of(late));

    assertThat(result.written()).isEmpty();
    assertThat(result.failed()).isEmpty();
    assertThat(store.candles()).isEqualTo(before);
    assertThat(store.count("select count(*) from sync_log where trade_id = 'late'")).isZero();
  }

  @Test
  void aRisenBoundaryKeepsWhatIsVerified() {
    engine.close();
    engine =
        SyncEngine.builder()
            .source(source)
            .log(store.log)
            .sink(store.sink)
            .orphanGrace(Duration.ZERO)
            .compareAllUpTo(0)
            .build();
    assertThat(engine.run().total()).isZero();
    assertThat(engine.health().verified()).isNotNull();
    drop(20);
    // Nobody looks for a change in what is verified, except an audit.
    source.put(at(150, 777));
    source.put(at("new", today, 5));

    SyncResult result = engine.run();

    assertThat(result.success()).as(result.message()).isTrue();
    assertThat(result.total()).isEqualTo(1);
    assertThat(engine.audit().gaps()).isEqualTo(new GapCounts(0, 0, 1, 0));
  }

  @Test
  void aPeriodBelowAnHourIsRefused() {
    assertThatThrownBy(() -> TimescaleSink.builder().retainFor(Duration.ofMinutes(59)))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("retainFor");
  }
}
