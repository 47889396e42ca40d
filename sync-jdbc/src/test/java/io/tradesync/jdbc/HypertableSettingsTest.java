package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.tradesync.GapCounts;
import io.tradesync.InvalidSettingException;
import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.jdbc.internal.sink.TradeHypertable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jdbi.v3.core.generic.GenericType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** The chunk interval and the policies of the hypertable follow the sink's settings. */
class HypertableSettingsTest {

  private static final int DAY = 86_400;

  private final StoreFixture store = StoreFixture.onTimescale();

  @AfterEach
  void close() {
    store.close();
  }

  private static TimescaleSink.Builder settings() {
    return TimescaleSink.builder()
        .chunkInterval(Duration.ofDays(1))
        .compressAfter(Duration.ofDays(3))
        .retainFor(Duration.ofDays(90));
  }

  private void start(TimescaleSink.Builder sink) throws Exception {
    store.log.prepare();
    store.prepare(sink.build());
  }

  /** The policies of the hypertable with their periods. */
  private Map<String, String> policies() {
    return Map.copyOf(
        store.jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        select proc_name,
                          coalesce(config ->> 'compress_after', config ->> 'drop_after')
                        from timescaledb_information.jobs
                        where hypertable_name = 'analytics_trades'\
                        """)
                    .setMapKeyColumn("proc_name")
                    .setMapValueColumn("coalesce")
                    .collectInto(new GenericType<Map<String, String>>() {})));
  }

  private List<Map<String, Object>> jobs() {
    return store.rows(
        """
        select job_id from timescaledb_information.jobs
        where hypertable_name = 'analytics_trades' order by 1\
        """);
  }

  private long chunkSeconds() {
    return store.count(
        """
        select extract(epoch from time_interval)::bigint from timescaledb_information.dimensions
        where hypertable_name = 'analytics_trades'\
        """);
  }

  private List<Map<String, Object>> compression() {
    return store.rows(
        """
        select coalesce(segmentby, '') as segmentby, orderby from timescaledb_information.hypertable_compression_settings
        join timescaledb_information.hypertables on compression_enabled
        where hypertable = 'analytics_trades'::regclass\
        """);
  }

  @Test
  void withoutSettingsThereIsNoPolicy() throws Exception {
    start(TimescaleSink.builder());
    assertThat(policies()).isEmpty();
    assertThat(compression()).isEmpty();
    assertThat(chunkSeconds()).isEqualTo(7 * DAY);
  }

  @Test
  void policiesFollowTheSettings() throws Exception {
    start(TimescaleSink.builder());
    start(settings());
    assertThat(policies())
        .isEqualTo(Map.of("policy_compression", "72:00:00", "policy_retention", "2160:00:00"));
    assertThat(compression()).containsExactly(Map.of("segmentby", "", "orderby", "ts,trade_id"));
    assertThat(chunkSeconds()).isEqualTo(DAY);

    List<Map<String, Object>> jobs = jobs();
    start(settings());
    assertThat(jobs()).isEqualTo(jobs);

    start(settings().compressAfter(Duration.ofDays(5)).chunkInterval(Duration.ofHours(6)));
    assertThat(policies()).containsEntry("policy_compression", "120:00:00").hasSize(2);
    assertThat(chunkSeconds()).isEqualTo(DAY / 4);

    // TimescaleDB's own interval, but wanted.
    start(settings().compressAfter(Duration.ofDays(5)).chunkInterval(Duration.ofDays(7)));
    start(settings().compressAfter(Duration.ofDays(5)).chunkInterval(Duration.ofDays(7)));
    assertThat(chunkSeconds()).isEqualTo(7 * DAY);
    start(settings().compressAfter(Duration.ofDays(5)).chunkInterval(Duration.ofDays(6)));
    assertThat(chunkSeconds()).isEqualTo(6 * DAY);

    start(TimescaleSink.builder().compressAfter(Duration.ofDays(5)));
    assertThat(policies()).isEqualTo(Map.of("policy_compression", "120:00:00"));
    assertThat(chunkSeconds()).isEqualTo(7 * DAY);

    start(TimescaleSink.builder());
    assertThat(policies()).isEmpty();
  }

  @Test
  void anIntervalThatIsTimescalesOwnCanBeSetFirst() throws Exception {
    start(TimescaleSink.builder().chunkInterval(Duration.ofDays(7)));
    start(TimescaleSink.builder().chunkInterval(Duration.ofDays(7)));
    assertThat(chunkSeconds()).isEqualTo(7 * DAY);
    store.execute("select set_chunk_time_interval('analytics_trades', interval '3 days')");
    start(TimescaleSink.builder().chunkInterval(Duration.ofDays(2)));
    assertThat(chunkSeconds()).isEqualTo(3 * DAY);
  }

  @Test
  void aPolicyThatSomebodyRemovedIsMadeAgain() throws Exception {
    start(settings());
    store.execute("select remove_retention_policy('analytics_trades')");
    start(settings());
    assertThat(policies()).containsEntry("policy_retention", "2160:00:00");
  }

  @Test
  void whatSomebodyElseSetStaysAsItIs() throws Exception {
    start(TimescaleSink.builder());
    store.execute(
        """
        alter table analytics_trades set (timescaledb.compress,
          timescaledb.compress_segmentby = 'pool_id', timescaledb.compress_orderby = 'ts desc')\
        """);
    store.execute("select add_compression_policy('analytics_trades', interval '8 days')");
    store.execute("select add_retention_policy('analytics_trades', interval '40 days')");
    store.execute("select set_chunk_time_interval('analytics_trades', interval '2 days')");
    List<Map<String, Object>> jobs = jobs();
    Map<String, String> policies = policies();

    ListAppender<ILoggingEvent> logged = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(TradeHypertable.class.getPackageName());
    logged.start();
    logger.addAppender(logged);
    try {
      start(settings());
    } finally {
      logger.detachAppender(logged);
    }
    start(TimescaleSink.builder());

    assertThat(logged.list)
        .filteredOn(event -> event.getLevel() == Level.WARN)
        .extracting(ILoggingEvent::getFormattedMessage)
        .satisfiesExactly(
            line -> assertThat(line).contains("chunkInterval of PT24H", "2 days"),
            line -> assertThat(line).contains("compressAfter of PT72H", "8 days"),
            line -> assertThat(line).contains("retainFor of PT2160H", "40 days"));
    assertThat(policies()).isEqualTo(policies).hasSize(2);
    assertThat(jobs()).isEqualTo(jobs);
    assertThat(compression().get(0)).containsEntry("segmentby", "pool_id");
    assertThat(chunkSeconds()).isEqualTo(2 * DAY);
  }

  @Test
  void aPolicyOfTheSinkThatSomebodyChangedIsTheirsFromThenOn() throws Exception {
    start(settings());
    store.execute(
        """
        select alter_job(job_id, config => config || '{"drop_after": "200 days"}')
        from timescaledb_information.jobs where proc_name = 'policy_retention'
          and hypertable_name = 'analytics_trades'\
        """);
    start(settings().retainFor(Duration.ofDays(30)));
    start(TimescaleSink.builder());
    assertThat(policies()).isEqualTo(Map.of("policy_retention", "200 days"));
  }

  @Test
  void aServerThatHasNoColumnstorePolicyGetsACompressionPolicy() throws Exception {
    store.execute("alter procedure add_columnstore_policy rename to hidden_policy");
    try {
      start(settings());
      assertThat(policies()).containsEntry("policy_compression", "72:00:00");
      start(settings().compressAfter(Duration.ofDays(4)));
      assertThat(policies()).containsEntry("policy_compression", "96:00:00");
      start(TimescaleSink.builder());
      assertThat(policies()).isEmpty();
    } finally {
      store.execute("alter procedure hidden_policy rename to add_columnstore_policy");
    }
  }

  @Test
  void theShorterOfThePolicyAndTheSettingIsTheBoundary() throws Exception {
    start(TimescaleSink.builder());
    store.execute("select add_retention_policy('analytics_trades', interval '40 days')");
    InMemoryTradeSource source = new InMemoryTradeSource();
    try (SyncEngine engine = engine(source, settings())) {
      long now = store.count("select extract(epoch from now())::bigint");
      assertThat(engine.health().retainedSinceEpochSecond())
          .isBetween(now - 40L * DAY, now - 40L * DAY + 1_200);
    }
  }

  private SyncEngine engine(InMemoryTradeSource source, TimescaleSink.Builder sink) {
    return SyncEngine.builder()
        .source(source)
        .log(store.log)
        .sink(sink.build())
        .orphanGrace(Duration.ZERO)
        .parallelism(1)
        .build();
  }

  private void runPolicies() {
    for (Map<String, Object> job : jobs()) {
      store.execute("call run_job(" + job.get("job_id") + ")");
    }
  }

  @Test
  void whatThePoliciesCompressAndDropIsRepairedAboveTheBoundary() {
    long now = store.count("select extract(epoch from now())::bigint / 86400 * 86400");
    InMemoryTradeSource source = new InMemoryTradeSource();
    for (int i = 0; i < 200; i++) {
      source.put(StoreFixture.trade("t" + i, now - i * (long) DAY / 2, 10 + i, 3));
    }
    try (SyncEngine engine = engine(source, settings().retainFor(Duration.ofDays(60)))) {
      // What is below the boundary from the beginning is out of scope.
      assertThat(engine.run().errors()).isZero();
    }
    try (SyncEngine engine = engine(source, settings().retainFor(Duration.ofDays(40)))) {
      runPolicies();
      long compressed = compressedChunks();
      assertThat(compressed).isBetween(30L, 40L);
      assertThat(store.count("select count(*) from analytics_trades")).isBetween(80L, 84L);

      source.put(StoreFixture.trade("t30", now - 15L * DAY, 777, 3));
      source.put(StoreFixture.trade("t90", now - 45L * DAY, 777, 3));
      source.remove("t31");
      assertThat(engine.run().total()).isEqualTo(2);

      assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
      assertThat(compressedChunks()).isEqualTo(compressed);
      assertThat(store.trades()).contains(StoreFixture.trade("t30", now - 15L * DAY, 777, 3));
    }
  }

  private long compressedChunks() {
    return store.count(
        """
        select count(*) from timescaledb_information.chunks
        where hypertable_name = 'analytics_trades' and is_compressed\
        """);
  }

  @Test
  void noIndexIsThereBesideThePrimaryKey() throws Exception {
    start(TimescaleSink.builder());
    assertThat(indexes()).containsExactly(Map.of("indexname", "analytics_trades_pkey"));

    // A store whose hypertable was made before the migration.
    store.execute("create index analytics_trades_ts_idx on analytics_trades (ts desc)");
    store.execute("create index of_a_user on analytics_trades (ts desc, pool_id)");
    store.execute("delete from tradesync_migration where component = 'analytics' and version > 3");
    start(TimescaleSink.builder());
    assertThat(indexes())
        .containsExactly(
            Map.of("indexname", "analytics_trades_pkey"), Map.of("indexname", "of_a_user"));
  }

  private List<Map<String, Object>> indexes() {
    return store.rows(
        "select indexname from pg_indexes where tablename = 'analytics_trades' order by 1");
  }

  /** What a store has whose tables were created before the extension. */
  private void makePlain() {
    store.execute(
        """
        create table plain (like analytics_trades including all);
        insert into plain select * from analytics_trades;
        drop table analytics_trades;
        alter table plain rename to analytics_trades\
        """);
  }

  @Test
  void aPlainTableBecomesAHypertableIfTheSettingSaysSo() throws Exception {
    InMemoryTradeSource source = new InMemoryTradeSource();
    for (int i = 0; i < 100; i++) {
      source.put(StoreFixture.trade("t" + i, 1_754_400_000L + i * (long) DAY, 10, 3));
    }
    try (SyncEngine engine = engine(source, TimescaleSink.builder())) {
      assertThat(engine.run().processed()).isEqualTo(100);
    }
    makePlain();
    List<Trade> before = store.trades();

    start(TimescaleSink.builder().chunkInterval(Duration.ofDays(10)));
    assertThat(hypertables()).isZero();

    start(TimescaleSink.builder().chunkInterval(Duration.ofDays(10)).turnIntoHypertable(true));
    assertThat(hypertables()).isOne();
    assertThat(chunkSeconds()).isEqualTo(10 * DAY);
    assertThat(indexes()).hasSize(1);
    assertThat(store.trades()).isEqualTo(before).hasSize(100);
    try (SyncEngine engine = engine(source, TimescaleSink.builder())) {
      source.put(StoreFixture.trade("t7", 1_754_400_000L + 7L * DAY, 77, 3));
      assertThat(engine.run().total()).isOne();
      assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
      store.assertCandlesEqualTheirTrades();
    }
  }

  /** Returns the only block of SQL of docs/TIMESCALE.md that begins like this. */
  private static String documented(String beginning) throws IOException {
    String page = Files.readString(Path.of("../docs/TIMESCALE.md"));
    List<String> blocks =
        Pattern.compile("(?ms)^ *```sql\\n(.*?)^ *```$")
            .matcher(page)
            .results()
            .map(block -> block.group(1).strip())
            .filter(block -> block.startsWith(beginning))
            .toList();
    assertThat(blocks).hasSize(1);
    return blocks.get(0);
  }

  @Test
  void whatADocumentedStatementSetsByHandIsWhatTheSettingSets() throws Exception {
    start(TimescaleSink.builder().compressAfter(Duration.ofDays(30)));
    List<Map<String, Object>> bySetting = compression();
    start(TimescaleSink.builder());
    assertThat(policies()).isEmpty();

    store.execute(documented("alter table"));

    assertThat(compression()).isEqualTo(bySetting);
    assertThat(policies()).isEqualTo(Map.of("policy_compression", "30 days"));
  }

  /** As an aggregate of the user's own computes it. */
  @Test
  void theDocumentedOpenIsThatOfTheSmallestIdOfASecond() throws Exception {
    start(TimescaleSink.builder());
    InMemoryTradeSource source = new InMemoryTradeSource();
    source.put(
        StoreFixture.trade("tb", 1_754_400_000L, 20, 3),
        StoreFixture.trade("ta", 1_754_400_000L, 10, 3));
    try (SyncEngine engine = engine(source, TimescaleSink.builder())) {
      assertThat(engine.run().processed()).isEqualTo(2);
    }

    assertThat(
            store.rows("select " + documented("first(") + "::text as open from analytics_trades"))
        .isEqualTo(store.rows("select open::text from trade_candles where bucket_seconds = 60"));
  }

  /** The statements that a user can run by hand, the first as docs/TIMESCALE.md says it. */
  static List<String> conversions() throws IOException {
    return List.of(
        documented("select create_hypertable("),
        """
        select create_hypertable('analytics_trades', 'ts', chunk_time_interval => interval '5 hours',
          partitioning_column => 'trade_id', number_partitions => 3, migrate_data => true)\
        """);
  }

  @ParameterizedTest
  @MethodSource("conversions")
  void aHypertableThatSomebodyMadeIsUsedAsItIs(String conversion) throws Exception {
    start(TimescaleSink.builder());
    makePlain();
    InMemoryTradeSource source = new InMemoryTradeSource();
    for (int i = 0; i < 30; i++) {
      source.put(StoreFixture.trade("t" + i, 1_754_400_000L + i * 7_200L, 10 + i, 3));
    }
    try (SyncEngine engine = engine(source, TimescaleSink.builder())) {
      assertThat(engine.run().processed()).isEqualTo(30);
    }

    store.execute(conversion);

    try (SyncEngine engine =
        engine(source, TimescaleSink.builder().compressAfter(Duration.ofDays(30)))) {
      runPolicies();
      assertThat(compressedChunks()).isPositive();
      source.put(
          StoreFixture.trade("t3", 1_754_400_000L + 3 * 7_200, 777, 3),
          StoreFixture.trade("t4", 1_754_400_000L + 20 * 7_200 + 1, 777, 3),
          StoreFixture.trade("late", 1_754_400_000L + 5, 777, 3));
      source.remove("t8");
      // One of them moves, which is one repair at its new key.
      assertThat(engine.run().total()).isEqualTo(4);
      assertThat(engine.forceFromEpochSecond(1_754_399_999L).processed()).isEqualTo(30);
      assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
      assertThat(store.trades()).hasSize(30).containsAll(source.trades());
      store.assertCandlesEqualTheirTrades();
    }
  }

  private long hypertables() {
    return store.count(
        """
        select count(*) from timescaledb_information.hypertables
        where hypertable_name = 'analytics_trades'\
        """);
  }

  @Test
  void onPlainPostgresTheSettingsDoNothing() throws Exception {
    StoreFixture plain = new StoreFixture();
    try {
      plain.log.prepare();
      plain.prepare(settings().turnIntoHypertable(true).build());
      assertThat(plain.count("select count(*) from analytics_setting")).isZero();
    } finally {
      plain.close();
    }
  }

  @Test
  void periodsBelowAnHourAreRefused() {
    TimescaleSink.Builder builder = TimescaleSink.builder();
    Duration tooShort = Duration.ofMinutes(59);
    assertThatThrownBy(() -> builder.compressAfter(tooShort))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("compressAfter");
    assertThatThrownBy(() -> builder.chunkInterval(tooShort))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("chunkInterval");
  }
}
