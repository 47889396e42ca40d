package io.tradesync.jdbc;

import static io.tradesync.jdbc.StoreFixture.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.KeyRange;
import io.tradesync.SyncEngine;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.jdbc.fixture.PostgresServer;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Nothing depends on the habits of the JVM, of the driver or of the database role. */
class SessionSettingsTest {

  private static final long T = 1_754_400_000L;

  private final PonderTables ponder = new PonderTables();
  private final PostgresServer.Database storeDatabase = PostgresServer.get().newDatabase();
  private final Locale locale = Locale.getDefault();
  private PonderRole role;

  @BeforeEach
  void createRole() {
    ponder.create("integer", ", fee numeric(10, 4), note text");
    role = new PonderRole(ponder);
    role.execute("grant usage on schema public to %s");
    role.execute("grant select on order_book_trades, pools to %s");
    execute(storeDatabase, "grant create on database " + storeDatabase.name() + " to " + role.name);
    execute(storeDatabase, "grant all on schema public to " + role.name);
  }

  @AfterEach
  void drop() {
    Locale.setDefault(locale);
    storeDatabase.close();
    role.close();
    ponder.close();
  }

  private static void execute(PostgresServer.Database database, String sql) {
    Jdbi.create(database.dataSource()).useHandle(handle -> handle.execute(sql));
  }

  private PGSimpleDataSource connections(PostgresServer.Database database, String parameters) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(database.url() + (database.url().contains("?") ? "&" : "?") + parameters);
    dataSource.setUser(role.name);
    dataSource.setPassword(PonderRole.PASSWORD);
    return dataSource;
  }

  /** Fills a store and changes it in several runs, and compares it with the source. */
  private void assertThatRunsFillTheStore(String urlParameters) {
    StoreFixture store = new StoreFixture(storeDatabase, storeDatabase.dataSource());
    PostgresSyncLog log =
        PostgresSyncLog.builder(connections(storeDatabase, urlParameters)).build();
    PonderTradeSource.Builder builder =
        PonderTradeSource.builder(connections(ponder.database, urlParameters));
    ponder.put(trades(0, 400));
    try (SyncEngine engine = engine(builder, log)) {
      // So many new trades of a batch are copied.
      assertSuccess(engine.run(), 400);
      assertSameTrades(store, builder);

      ponder.execute(
          "update order_book_trades set price = price + 1, side = null where id < 't1010'");
      ponder.put(trades(400, 420));
      // Ten trades changed, one of which had no price and no side before either.
      assertSuccess(engine.run(), 29);
      assertThat(engine.health().isHealthy()).isTrue();
      assertSuccess(engine.forceFromEpochSecond(T + 399), 20);
    }
    assertSameTrades(store, builder);

    ponder.execute("update order_book_trades set fee = 0.5, note = 'null' where id < 't1300'");
    ponder.execute("update order_book_trades set note = 'a\\\"b,{}' where id < 't1200'");
    builder.extraColumns("fee", "note");
    execute(storeDatabase, "update sync_scope set attribute_names = null");
    try (SyncEngine engine = engine(builder, log)) {
      assertSuccess(engine.run(), 420);
    }
    assertSameTrades(store, builder);
    store.assertCandlesEqualTheirTrades();
  }

  private static SyncEngine engine(PonderTradeSource.Builder source, PostgresSyncLog log) {
    return SyncEngine.builder()
        .source(source.build())
        .log(log)
        .sink(TimescaleSink.builder().build())
        .batchSize(250)
        .build();
  }

  private static List<Trade> trades(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(
            i ->
                i % 50 == 0
                    ? Trade.builder(id(i), T + i, 31337, StoreFixture.POOL)
                        .quantity(BigDecimal.ONE)
                        .build()
                    : trade(id(i), T + i, i, 2))
        .toList();
  }

  private static String id(int number) {
    return "t" + (1_000 + number);
  }

  private static void assertSuccess(SyncResult result, long trades) {
    assertThat(result.success()).as(result.toString()).isTrue();
    assertThat(result.processed()).isEqualTo(trades);
  }

  private static void assertSameTrades(StoreFixture store, PonderTradeSource.Builder source) {
    assertThat(store.trades().stream().map(SessionSettingsTest::content).toList())
        .containsExactlyElementsOf(
            source.build().page(KeyRange.all(), 1_000).rows().stream()
                .map(SessionSettingsTest::content)
                .toList());
  }

  private static String content(Trade trade) {
    return trade.key() + " " + HexFormat.of().formatHex(trade.canonicalForm());
  }

  @Test
  void aLocaleWithDigitsOfItsOwn() {
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));

    assertThatRunsFillTheStore("");
  }

  @Test
  void aLocaleWithAnIOfItsOwn() {
    Locale.setDefault(Locale.forLanguageTag("tr-TR"));

    assertThatRunsFillTheStore("");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "preferQueryMode=simple",
        "prepareThreshold=0&preparedStatementCacheQueries=0&defaultRowFetchSize=1",
        "preferQueryMode=extendedCacheEverything&prepareThreshold=1&autosave=always",
        "binaryTransfer=false&stringtype=unspecified&defaultRowFetchSize=7&readOnlyMode=always",
      })
  void settingsOfTheDriver(String parameter) {
    assertThatRunsFillTheStore(parameter);
  }

  @Test
  void settingsOfTheRole() {
    for (String setting :
        List.of(
            "DateStyle = 'German, DMY'",
            "IntervalStyle = 'sql_standard'",
            "TimeZone = 'Pacific/Chatham'",
            "extra_float_digits = -15",
            "bytea_output = 'escape'",
            "search_path = 'nowhere'",
            "standard_conforming_strings = off",
            "quote_all_identifiers = on",
            "enable_sort = off",
            "enable_indexscan = off",
            "plan_cache_mode = 'force_generic_plan'",
            "row_security = off",
            "array_nulls = off",
            "transform_null_equals = on",
            "client_encoding = 'LATIN1'",
            "default_transaction_isolation = 'serializable'",
            "default_transaction_deferrable = on",
            "statement_timeout = '2s'",
            "lock_timeout = '1ms'",
            "idle_in_transaction_session_timeout = '1min'",
            "synchronous_commit = off",
            "lc_numeric = 'C'")) {
      role.execute("alter role %s set " + setting);
    }

    assertThatRunsFillTheStore("");
  }
}
