package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

import io.tradesync.InvalidSettingException;
import io.tradesync.KeyRange;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.KeyFingerprint;
import io.tradesync.spi.SourceDigest;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.UnreadableRow;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PonderTradeSourceTest {

  private static final long T = 1_754_400_000L;
  private static final KeyRange ALL = KeyRange.all();

  private static PonderTables tables;

  @BeforeAll
  static void create() {
    tables = new PonderTables();
  }

  @AfterAll
  static void drop() {
    tables.close();
  }

  @BeforeEach
  void empty() {
    tables.create("integer", "");
  }

  private static PonderTradeSource.Builder builder() {
    return PonderTradeSource.builder(tables.database.dataSource());
  }

  private static PonderTradeSource prepared(PonderTradeSource.Builder builder) {
    PonderTradeSource source = builder.build();
    source.prepare();
    return source;
  }

  private static void insert(String values) {
    tables.execute("insert into order_book_trades values " + values);
  }

  private static void insertMany(int trades, String second) {
    tables.execute(
        String.format(
            Locale.ROOT,
            """
            insert into order_book_trades
            select encode(sha256(i::text::bytea), 'hex'), 1, i, 1, %s, '0x' || i, 'Buy', 'pool'
            from generate_series(1, %d) i\
            """,
            second,
            trades));
  }

  /** A call of every method of a source. */
  private static List<Consumer<PonderTradeSource>> everyCall() {
    KeyRange day = KeyRange.seconds(T, T + 86_400);
    return List.of(
        PonderTradeSource::prepare,
        PonderTradeSource::probe,
        source -> source.page(ALL, 10).rows(),
        source -> source.page(List.of(day, KeyRange.from(T + 86_400)), 10).rows(),
        source -> source.byIds(List.of("a", "b")).rows(),
        source -> source.first(ALL),
        source -> source.last(ALL),
        source -> source.count(ALL),
        source -> source.digests(day, 60),
        source -> source.keys(List.of(day, KeyRange.from(T + 86_400)), 10).rows(),
        PonderTradeSource::countWithoutKey);
  }

  @Test
  void attributesKeepTheOrderInWhichTheyAreNamed() {
    tables.create("bigint", ", fee numeric(10, 4), maker text");
    insert("('a', 1, 1, 1, " + T + ", null, null, 'p', 0.5, null)");

    Trade trade = prepared(builder().extraColumns("maker", "fee")).page(ALL, 1).rows().get(0);

    assertThat(new ArrayList<>(trade.attributes().entrySet()).toString())
        .isEqualTo("[maker=null, fee=0.5000]");
    assertThat(prepared(builder()).page(ALL, 1).rows().get(0).attributes()).isEmpty();
  }

  @Test
  void columnsOfAnyNameAreReadOverManyRanges() {
    tables.create("bigint", ", epoch_second text, k text, c1 text");
    insert(
        String.format(Locale.ROOT, "('a', 1, 1, 1, %d, null, null, 'p', 'x', 'y', 'z'),", T)
            + String.format(
                Locale.ROOT, " ('b', 1, 1, 1, %d, null, null, 'p', null, '', 'z')", T + 9));
    PonderTradeSource source =
        prepared(builder().extraColumns("epoch_second", "k", "c1", "id", "timestamp"));
    List<KeyRange> ranges = List.of(KeyRange.seconds(T, T + 1), KeyRange.from(T + 5));

    assertThat(source.page(ranges, 10).rows()).hasSize(2).isEqualTo(source.page(ALL, 10).rows());
    assertThat(source.keys(ranges, 10).rows())
        .isEqualTo(source.page(ALL, 10).rows().stream().map(KeyFingerprint::of).toList());
  }

  // Tables and types

  @ParameterizedTest
  @ValueSource(strings = {"integer", "bigint", "smallint", "numeric(78, 0)", "seconds"})
  void theTimestampMayBeOfAnyWholeType(String type) {
    tables.execute("drop table order_book_trades");
    tables.execute("create domain seconds as bigint");
    tables.execute(PonderTables.TABLE.formatted(type, ""));
    insert("('a', 1, 3, 5, 1000, '0x', 'Buy', 'p'), ('b', 1, 3, 5, 1001, '0x', 'Buy', 'p')");

    PonderTradeSource source = prepared(builder());

    assertThat(source.page(ALL, 10).rows())
        .extracting(Trade::epochSecond)
        .containsExactly(1000L, 1001L);
    assertThat(source.page(KeyRange.from(1001), 10).rows())
        .extracting(Trade::id)
        .containsExactly("b");
    assertThat(source.keys(List.of(ALL), 10).rows())
        .isEqualTo(source.page(ALL, 10).rows().stream().map(KeyFingerprint::of).toList());
    assertThat(source.digests(KeyRange.seconds(0, 2000), 1000))
        .extracting(SourceDigest::count)
        .containsExactly(2L);
  }

  @Test
  void aViewIsReadAsItsTableIs() {
    insertMany(100, T + " + i / 7");
    tables.execute(
        """
        create schema live;
        create view live.order_book_trades as select * from public.order_book_trades;
        create view live.pools as select * from public.pools\
        """);
    try {
      PonderTradeSource table = prepared(builder());
      PonderTradeSource view = prepared(builder().schema("live"));
      KeyRange hour = KeyRange.seconds(T, T + 3_600);

      assertThat(view.page(ALL, 1_000).rows())
          .hasSize(100)
          .isEqualTo(table.page(ALL, 1_000).rows());
      assertThat(view.keys(List.of(ALL), 1_000).rows())
          .isEqualTo(table.keys(List.of(ALL), 1_000).rows());
      assertThat(view.digests(hour, 3)).isEqualTo(table.digests(hour, 3));
      assertThat(view.last(ALL)).isEqualTo(table.last(ALL));
      assertThat(view.countWithoutKey()).isZero();
    } finally {
      tables.execute("drop schema live cascade");
    }
  }

  @Test
  void namesMayHoldAnyCharacter() {
    String schema = "s \"1\" 'x' :a ?";
    String odd = "T\"able\\";
    Map<PonderColumn, String> names = new EnumMap<>(PonderColumn.class);
    for (PonderColumn column : PonderColumn.values()) {
      names.put(column, "C\"" + column.ordinal() + "' :after ? %s {x} <y> \\");
    }
    String extra = "--/*\"$$";
    tables.execute("create schema " + Identifiers.quote(schema));
    try {
      UnaryOperator<String> quoted =
          create -> {
            for (Map.Entry<PonderColumn, String> name : names.entrySet()) {
              create =
                  create.replaceFirst(
                      "(?<=[(\\s])\"?" + name.getKey().defaultName() + "\"? (?=text|int|num|var)",
                      Matcher.quoteReplacement(Identifiers.quote(name.getValue()) + " "));
            }
            return create.replace("order_book_trades", Identifiers.quote(schema, odd));
          };
      tables.execute(
          quoted.apply(
              PonderTables.TABLE.formatted("int", ", " + Identifiers.quote(extra) + " text")));
      tables.execute(
          PonderTables.POOLS.replace(
              "table pools", "table " + Identifiers.quote(schema, "p\"ools")));
      tables.execute(
          "insert into "
              + Identifiers.quote(schema, odd)
              + " values ('a', 1, 3, 5, 7, '0x', 'Buy', 'p', 'extra')");
      tables.execute(
          "insert into " + Identifiers.quote(schema, "p\"ools") + " values ('1',1,'A/B','p',18,6)");
      PonderTradeSource.Builder builder =
          builder().schema(schema).table(odd).poolsTable("p\"ools").extraColumns(extra);
      names.forEach(builder::column);

      PonderTradeSource source = builder.build();
      everyCall().forEach(call -> call.accept(source));

      Trade wanted =
          Trade.builder("a", 7, 1, "p")
              .price(BigDecimal.valueOf(3))
              .quantity(BigDecimal.valueOf(5))
              .transactionId("0x")
              .side("Buy")
              .attribute(extra, "extra")
              .build();
      assertThat(source.page(ALL, 10).rows()).containsExactly(wanted);
      assertThat(source.page(ALL, 10).rows().get(0).symbol()).isEqualTo("A/B");
      assertThat(source.byIds(List.of("a")).rows()).containsExactly(wanted);
      assertThat(source.keys(List.of(ALL), 10).rows()).containsExactly(KeyFingerprint.of(wanted));
      assertThat(source.digests(KeyRange.seconds(0, 10), 10))
          .containsExactly(new SourceDigest(0, 1, wanted.fingerprint()));
    } finally {
      tables.execute("drop schema " + Identifiers.quote(schema) + " cascade");
    }
  }

  // Rights

  @Test
  void aReadOnlyRoleWithSelectAloneIsEnough() {
    insertMany(10, T + " + i");
    tables.execute("insert into pools values ('p', 1, 'A/B', 'pool', 18, 6)");
    try (PonderRole role = new PonderRole(tables)) {
      role.execute("grant usage on schema public to %s");
      role.execute("grant select on order_book_trades, pools to %s");
      role.execute("alter role %s set default_transaction_read_only = on");
      PonderTradeSource source = PonderTradeSource.builder(role.dataSource()).build();

      everyCall().forEach(call -> call.accept(source));

      assertThat(source.page(ALL, 100).rows())
          .hasSize(10)
          .allSatisfy(t -> hasPool(t, "A/B", 18, 6));
    }
  }

  @Test
  void readsInReadOnlyTransactionsWhateverTheRoleMayDo() {
    tables.execute(
        """
        create function meddle() returns boolean language plpgsql as
          $$ begin delete from pools; return true; end $$;
        create view meddling as select * from order_book_trades where meddle()\
        """);
    insertMany(1, "" + T);

    PonderTradeSource source = prepared(builder().table("meddling"));

    assertThatThrownBy(() -> source.page(ALL, 1).rows())
        .hasMessageContaining("read-only transaction");
  }

  // Pools

  private static void hasPool(Trade trade, String symbol, Integer base, Integer quote) {
    assertThat(trade.symbol()).isEqualTo(symbol);
    assertThat(trade.baseDecimals()).isEqualTo(base);
    assertThat(trade.quoteDecimals()).isEqualTo(quote);
  }

  @Test
  void oneAddressOnTwoChainsIsTwoPools() {
    tables.execute(
        """
        insert into pools values ('1', 1, 'WETH/USDC', '0xabc', 18, 6),
          ('2', 2, 'WBTC/DAI', '0xabc', 8, 18), ('3', 2, 'A/B', '0xother', 1, 2),
          ('4', 3, null, '0xabc', null, 300), ('5', 3, 'Ä/B', '0xÄİB', 0, 255)\
        """);
    insert(
        """
        ('a', 1, 1, 1, 1, null, null, '0xabc'), ('b', 2, 1, 1, 1, null, null, '0xAbC'),
        ('c', 1, 1, 1, 1, null, null, '0xother'), ('d', 3, 1, 1, 1, null, null, '0xabc'),
        ('e', 3, 1, 1, 1, null, null, '0xÄİb')\
        """);

    PonderTradeSource source = prepared(builder());
    List<Trade> trades = source.page(ALL, 10).rows();

    hasPool(trades.get(0), "WETH/USDC", 18, 6);
    hasPool(trades.get(1), "WBTC/DAI", 8, 18);
    hasPool(trades.get(2), null, null, null);
    hasPool(trades.get(3), null, null, null);
    hasPool(trades.get(4), "Ä/B", 0, 255);
    hasPool(source.byIds(List.of("b")).rows().get(0), "WBTC/DAI", 8, 18);
    hasPool(prepared(builder().withoutPools()).page(ALL, 1).rows().get(0), null, null, null);
  }

  @Test
  void withALifetimeOfZeroEachPageReadsThePools() {
    insert("('a', 1, 1, 1, 1, null, null, 'p')");
    PonderTradeSource source = prepared(builder().poolCacheLifetime(Duration.ZERO));
    hasPool(source.page(ALL, 1).rows().get(0), null, null, null);

    tables.execute("insert into pools values ('1', 1, 'A/B', 'p', 18, 6)");
    hasPool(source.page(ALL, 1).rows().get(0), "A/B", 18, 6);
  }

  @Test
  void withoutATableOfPoolsTradesHaveNoSymbolUntilItExists() {
    insert("('a', 1, 1, 1, 1, null, null, 'p'), ('b', 1, 1, 1, 1, null, null, 'q')");
    tables.execute("drop table pools");
    PonderTradeSource source = prepared(builder());
    hasPool(source.byIds(List.of("a")).rows().get(0), null, null, null);

    tables.execute(PonderTables.POOLS + "; insert into pools values ('1', 1, 'A/B', 'q', 18, 6)");
    hasPool(source.byIds(List.of("b")).rows().get(0), "A/B", 18, 6);
  }

  @Test
  void aTableOfPoolsThatDisappearsMakesTheSourceUnavailable() {
    insert("('a', 1, 1, 1, 1, null, null, 'p')");
    PonderTradeSource source = prepared(builder());
    tables.execute("drop table pools");

    assertThatThrownBy(() -> source.page(ALL, 1).rows())
        .isInstanceOf(SideUnavailableException.class)
        .hasMessageContaining("relation \"public.pools\" does not exist");
  }

  // Rows that are no trades

  @Test
  void aRowWithoutTimestampOrIdIsInNoRangeAndIsCounted() {
    tables.execute(
        """
        drop table order_book_trades;
        create table order_book_trades (id text, chain_id int, price numeric(78, 0),
          quantity numeric(78, 0), "timestamp" int, transaction_id text, side text, pool_id text)\
        """);
    insert(
        """
        ('a', 1, 1, 1, 1, null, null, 'p'), ('b', 1, 1, 1, null, null, null, 'p'),
        ('', 1, 1, 1, 2, null, null, 'p'), (null, 1, 1, 1, 3, null, null, 'p'),
        (null, 1, 1, 1, null, null, null, 'p'), ('z', 1, 1, 1, 0, null, null, 'p')\
        """);

    PonderTradeSource source = prepared(builder());

    assertThat(source.countWithoutKey()).isEqualTo(4);
    assertThat(source.count(ALL)).isEqualTo(2);
    assertThat(source.page(ALL, 10).rows()).extracting(Trade::id).containsExactly("z", "a");
    assertThat(source.byIds(List.of("a", "b", "", "z")).rows())
        .extracting(Trade::id)
        .containsExactly("z", "a");
    assertThat(source.first(ALL)).contains(new TradeKey(0, "z"));
    assertThat(source.last(ALL)).contains(new TradeKey(1, "a"));
    assertThat(source.keys(List.of(ALL), 10).rows()).hasSize(2);
    assertThat(source.digests(KeyRange.seconds(0, 10), 10))
        .extracting(SourceDigest::count)
        .containsExactly(2L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "-Infinity"})
  void aNumberThatIsNotFiniteIsAnUnreadableRow(String number) {
    tables.assumeHasNumber(number);
    tables.execute("alter table order_book_trades alter quantity type numeric");
    insert(
        "('a', 1, 1, 1, 1, null, null, 'p'), ('bad', 1, 1, '" + number + "', 2, null, null, 'p')");
    PonderTradeSource source = prepared(builder());

    assertThat(source.page(KeyRange.seconds(1, 2), 1).rows())
        .extracting(Trade::id)
        .containsExactly("a");
    SourcePage<Trade> page = source.page(ALL, 10);
    assertThat(page.rows()).extracting(Trade::id).containsExactly("a");
    assertThat(page.unreadable())
        .extracting(UnreadableRow::key, UnreadableRow::message)
        .containsExactly(
            tuple(new TradeKey(2, "bad"), "quantity " + number + " is not a finite number"));
    assertThat(source.keys(List.of(ALL), 10).unreadable()).isEqualTo(page.unreadable());
    assertThat(source.page(ALL, 1).isLast()).isFalse();
    assertThat(source.page(KeyRange.from(2), 1).end()).contains(new TradeKey(2, "bad"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"chain_id", "pool_id"})
  void aMissingChainOrPoolIsAnUnreadableRow(String column) {
    tables.execute("alter table order_book_trades alter " + column + " drop not null");
    insert("('bad', 1, 1, 1, 2, null, null, 'p')");
    tables.execute("update order_book_trades set " + column + " = null");

    PonderTradeSource source = prepared(builder());

    assertThat(source.page(ALL, 10).rows()).isEmpty();
    assertThat(source.page(ALL, 10).unreadable())
        .extracting(UnreadableRow::column, UnreadableRow::value, UnreadableRow::message)
        .containsExactly(tuple(column, null, column + " is null"));
  }

  // Failures

  private static SideUnavailableException unavailable(Runnable call) {
    Throwable failure = catchThrowable(call::run);
    assertThat(failure).isInstanceOf(SideUnavailableException.class);
    assertThat(failure.getMessage()).doesNotContain("\n");
    SideUnavailableException unavailable = (SideUnavailableException) failure;
    assertThat(unavailable.side()).isEqualTo(Side.SOURCE);
    return unavailable;
  }

  @Test
  void aStatementThatTakesTooLongIsCutOff() {
    insertMany(100, T + " + i");
    tables.execute(
        """
        create view slow as
          select * from order_book_trades where pg_sleep(0.1)::text is not null\
        """);
    PonderTradeSource source =
        prepared(builder().table("slow").statementTimeout(Duration.ofMillis(250)));
    source.probe();

    long started = System.nanoTime();
    for (Runnable call :
        List.<Runnable>of(
            () -> source.page(ALL, 100).rows(),
            () -> source.count(ALL),
            () -> source.digests(KeyRange.seconds(T, T + 1_000), 10),
            () -> source.keys(List.of(ALL), 100).rows())) {
      SideUnavailableException failure = unavailable(call);
      assertThat(failure.isTimeout()).isTrue();
      assertThat(failure).hasMessageContaining("statement timeout");
      assertThat(source.classify(failure)).contains(FailureKind.NETWORK);
    }
    // Each call would take ten seconds.
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(30));
    assertNothingIsLeftOpen();
  }

  @Test
  void aLockIsNotWaitedForLongerThanAStatementMayTake() throws Exception {
    PonderTradeSource source = prepared(builder().statementTimeout(Duration.ofMillis(200)));
    try (Connection ponder = tables.database.dataSource().getConnection();
        Statement statement = ponder.createStatement()) {
      ponder.setAutoCommit(false);
      statement.execute("lock table order_book_trades in access exclusive mode");

      assertThat(unavailable(() -> source.page(ALL, 1).rows()).isTimeout()).isTrue();
      ponder.rollback();
    }
    assertThat(source.page(ALL, 1).rows()).isEmpty();
  }

  @Test
  void aTableThatIsCreatedAgainIsUnavailableMeanwhileAndThenRead() {
    insert("('a', 1, 3, 5, 7, '0x', 'Buy', 'p')");
    PonderTradeSource source = prepared(builder());
    List<Trade> before = List.of();
    for (int i = 0; i < 10; i++) {
      before = source.page(ALL, 10).rows();
    }
    assertThat(before).hasSize(1);

    tables.execute("drop table order_book_trades");
    everyCall().stream()
        .skip(1)
        .forEach(
            call -> {
              SideUnavailableException failure = unavailable(() -> call.accept(source));
              assertThat(failure.isTimeout()).isFalse();
              assertThat(failure)
                  .hasMessageContaining("relation \"public.order_book_trades\" does not exist");
            });

    tables.execute(PonderTables.TABLE.formatted("bigint", ""));
    insert("('a', 1, 3, 5, 7, '0x', 'Buy', 'p')");
    assertThat(source.page(ALL, 10).rows()).isEqualTo(before);
    tables.execute("alter table order_book_trades alter chain_id type numeric(78, 0)");
    assertThat(source.page(ALL, 10).rows()).isEqualTo(before);
    tables.execute("alter table order_book_trades drop column price");
    assertThat(unavailable(() -> source.page(ALL, 10).rows()))
        .hasMessageContaining("price does not exist");
  }

  @Test
  void lostRightsMakeTheSourceUnavailableUntilTheyAreGranted() {
    try (PonderRole role = new PonderRole(tables)) {
      role.execute("grant usage on schema public to %s");
      role.execute("grant select on order_book_trades, pools to %s");
      PonderTradeSource source = PonderTradeSource.builder(role.dataSource()).build();
      source.prepare();

      role.execute("revoke select on order_book_trades from %s");
      assertThat(unavailable(() -> source.page(ALL, 1).rows()))
          .hasMessageContaining("permission denied");
      role.execute("grant select on order_book_trades to %s");
      assertThat(source.page(ALL, 1).rows()).isEmpty();
    }
  }

  // What is left behind

  @Test
  void afterEachCallNothingIsLeftOpen() throws Exception {
    insertMany(100, T + " + i");
    PonderTradeSource source = builder().build();
    // The driver keeps a statement at the server from its fifth time on.
    for (int round = 0; round < 8; round++) {
      for (Consumer<PonderTradeSource> call : everyCall()) {
        call.accept(source);
        assertNothingIsLeftOpen();
      }
    }
    try (Connection pooled = tables.database.dataSource().getConnection();
        Statement statement = pooled.createStatement()) {
      for (String question :
          List.of(
              "select count(*) from pg_prepared_statements where statement ilike 'select%'",
              "select count(*) from pg_cursors where name <> ''",
              "select count(*) from pg_settings where name = 'statement_timeout' and setting <>"
                  + " reset_val",
              "select count(*) from pg_settings where name = 'transaction_read_only' and setting ="
                  + " 'on'")) {
        try (var rows = statement.executeQuery(question)) {
          rows.next();
          assertThat(rows.getLong(1)).as(question).isZero();
        }
      }
      assertThat(pooled.getNetworkTimeout()).isZero();
    }
  }

  private static long onAnotherConnection(String sql) {
    return Jdbi.create(tables.database.withoutPool())
        .withHandle(handle -> handle.select(sql).mapTo(Long.class).one());
  }

  private static void assertNothingIsLeftOpen() {
    assertThat(
            onAnotherConnection(
                """
                select count(*) from pg_stat_activity
                where datname = current_database() and backend_type = 'client backend'
                  and pid <> pg_backend_pid() and (state <> 'idle' or backend_xmin is not null)\
                """))
        .isZero();
    assertThat(
            onAnotherConnection(
                """
                select count(*) from pg_locks join pg_stat_activity using (pid)
                where datname = current_database() and backend_type = 'client backend'
                  and pid <> pg_backend_pid() and database is not null\
                """))
        .isZero();
  }

  // Settings

  @Test
  void anUnusableSettingIsRefusedWithoutAConnection() {
    refused(builder().schema(" "), "schema");
    refused(builder().table(""), "table");
    refused(builder().table("x".repeat(64)), "table");
    refused(builder().table("ü".repeat(32)), "table");
    refused(builder().poolsTable("a\0b"), "poolsTable");
    refused(builder().column(PonderColumn.POOL_ID, ""), "column pool_id");
    refused(builder().extraColumns("a", " "), "extraColumns");
    refused(builder().extraColumns("a", "b", "a"), "extraColumns");
    refused(builder().statementTimeout(Duration.ZERO), "statementTimeout");
    refused(builder().statementTimeout(Duration.ofNanos(999_999)), "statementTimeout");
    refused(builder().statementTimeout(Duration.ofMillis(3_600_001)), "statementTimeout");
    refused(builder().statementTimeout(ChronoUnit.FOREVER.getDuration()), "statementTimeout");
    refused(builder().poolCacheLifetime(Duration.ofNanos(-1)), "poolCacheLifetime");
  }

  private static void refused(PonderTradeSource.Builder builder, String setting) {
    assertThatThrownBy(builder::build)
        .isInstanceOfSatisfying(
            InvalidSettingException.class,
            failure -> assertThat(failure.name()).isEqualTo(setting));
  }

  @Test
  void poolsCanBeRememberedForEver() {
    tables.execute("insert into pools values ('1', 1, 'A/B', 'p', 18, 6)");
    insert("('a', 1, 1, 1, 1, null, null, 'p')");
    PonderTradeSource source =
        prepared(builder().poolCacheLifetime(ChronoUnit.FOREVER.getDuration()));

    hasPool(source.page(ALL, 1).rows().get(0), "A/B", 18, 6);
    tables.execute("delete from pools");
    hasPool(source.page(ALL, 1).rows().get(0), "A/B", 18, 6);
  }

  @Test
  void aBuilderCanBeReusedWithoutChangingTheSourcesItBuilt() {
    insert("('a', 1, 1, 1, 1, null, null, 'p')");
    PonderTradeSource.Builder builder = builder();
    PonderTradeSource source = builder.build();
    builder.table("nowhere").column(PonderColumn.ID, "nothing").withoutPools();

    source.prepare();
    assertThat(source.page(ALL, 10).rows()).hasSize(1);
    assertThatThrownBy(() -> builder.build().prepare()).isInstanceOf(InvalidSettingException.class);
  }

  @Test
  void aPageEndsWhereItsTextsBecomeLarge() {
    tables.create("bigint", ", note text");
    insertNotes(0, 99, 20, 79, 1_024);
    PonderTradeSource noted = prepared(builder().extraColumns("note"));

    List<Integer> sizes = new ArrayList<>();
    List<String> ids = readAll(noted, sizes);
    assertThat(ids).isEqualTo(IntStream.range(0, 100).mapToObj("t%03d"::formatted).toList());
    assertThat(sizes.get(0)).as("20 small rows and 16 MiB").isEqualTo(20 + 15);
    assertThat(sizes).hasSize(4);
    assertThat(noted.page(KeyRange.seconds(T, T + 2), 1_000).isLast()).isTrue();
    assertThat(noted.page(ALL, 10).rows()).hasSize(10);
  }

  @Test
  void aPageThatEndsBySizeDoesNotDivideTheRowsOfAKey() {
    tables.create("bigint", ", note text");
    tables.execute("alter table order_book_trades drop constraint order_book_trades_pkey");
    insertNotes(0, 9, 0, 9, 5_000);
    insertNotes(0, 9, 0, 9, 5_000);
    PonderTradeSource noted = prepared(builder().extraColumns("note"));

    List<Integer> sizes = new ArrayList<>();
    assertThat(readAll(noted, sizes)).hasSize(20);
    assertThat(sizes).allMatch(size -> size == 2);
  }

  @Test
  void anAnswerByIdWithMuchTextIsNotTheLastUnlessItIsOfOneId() {
    tables.create("bigint", ", note text");
    insertNotes(0, 39, 0, 39, 1_024);
    insertNotes(40, 40, 40, 40, 16 * 1_024);
    tables.execute("alter table order_book_trades alter timestamp drop not null");
    tables.execute("update order_book_trades set timestamp = null where id = 't039'");
    tables.execute("update order_book_trades set price = 'NaN' where id = 't003'");
    PonderTradeSource noted = prepared(builder().extraColumns("note"));
    List<String> ids = IntStream.range(0, 40).mapToObj("t%03d"::formatted).toList();

    SourcePage<Trade> cut = noted.byIds(ids);
    assertThat(cut.isLast()).isFalse();
    assertThat(cut.all()).as("16 MiB and a row").hasSizeLessThanOrEqualTo(17);
    assertThat(noted.byIds(List.of("t040")).isLast()).isTrue();
    assertThat(noted.byIds(List.of("t040", "t040")).rows()).hasSize(1);
    assertThat(noted.byIds(List.of("t040", "nobody")).isLast()).isFalse();

    List<String> found = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += 10) {
      SourcePage<Trade> answer = noted.byIds(ids.subList(from, from + 10));
      assertThat(answer.isLast()).isTrue();
      answer.all().forEach(row -> found.add(row.key().id()));
      found.addAll(answer.idsOutsideKeyOrder());
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(ids);
  }

  /** In the table each of them takes a few bytes. */
  @Test
  void numbersOfManyDigitsAreNotRead() {
    tables.create("bigint", "");
    tables.execute("alter table order_book_trades alter price type numeric");
    tables.execute(
        String.format(
            Locale.ROOT,
            """
            insert into order_book_trades
            select 't' || i, 1, ('1e131000')::numeric, 1, %d + i, '0x', 'Buy', 'p'
            from generate_series(1, 2) i\
            """,
            T));
    PonderTradeSource source = prepared(builder());

    SourcePage<Trade> page = source.page(ALL, 10);
    assertThat(page.unreadable()).extracting(UnreadableRow::column).containsOnly("price");
    assertThat(page.unreadable()).hasSize(2);
    assertThat(page.unreadable()).isEqualTo(source.keys(List.of(ALL), 10).unreadable());
  }

  private static void insertNotes(int from, int to, int fromLarge, int toLarge, int kib) {
    tables.execute(
        String.format(
            Locale.ROOT,
            """
            insert into order_book_trades
            select 't' || lpad(i::text, 3, '0'), 1, 1, 1, %d + i / 7, '0x', 'Buy', 'p',
              case when i between %d and %d then repeat(md5(i::text), 32 * %d) end
            from generate_series(%d, %d) i\
            """,
            T,
            fromLarge,
            toLarge,
            kib,
            from,
            to));
  }

  /** Reads everything as the engine does; returns the ids, and the number of rows of each page. */
  private static List<String> readAll(PonderTradeSource source, List<Integer> sizes) {
    List<String> ids = new ArrayList<>();
    List<KeyRange> rest = List.of(KeyRange.seconds(T, T + 5), KeyRange.from(T + 5));
    while (true) {
      SourcePage<Trade> page = source.page(rest, 1_000);
      page.rows().forEach(trade -> ids.add(trade.id()));
      sizes.add(page.rows().size());
      if (page.isLast()) {
        return ids;
      }
      TradeKey end = page.end().orElseThrow();
      rest = rest.stream().map(range -> range.after(end)).toList();
    }
  }
}
