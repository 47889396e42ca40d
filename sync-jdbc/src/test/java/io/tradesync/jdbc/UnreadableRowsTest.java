package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tradesync.FailedTrade;
import io.tradesync.GapCounts;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncHealth;
import io.tradesync.SyncResult;
import io.tradesync.TradeKey;
import io.tradesync.spi.Hint;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A row of the source that cannot be read as a trade costs that row, and nothing else. */
class UnreadableRowsTest {

  private static final long T = 1_754_400_000L;

  private final PonderTables tables = new PonderTables();
  private final StoreFixture store = new StoreFixture();

  @BeforeEach
  void tables() {
    tables.create("numeric(78, 0)", "");
    tables.execute(
        """
        alter table order_book_trades alter chain_id type numeric(78, 0),
          alter chain_id drop not null, alter pool_id drop not null, alter price type numeric,
          alter quantity type numeric\
        """);
  }

  @AfterEach
  void drop() {
    tables.close();
    store.database.close();
  }

  private SyncEngineBuilder builder() {
    return SyncEngine.builder()
        .source(PonderTradeSource.builder(tables.database.dataSource()).build())
        .log(store.log)
        .sink(store.sink);
  }

  private void insert(int from, int to) {
    tables.execute(
        String.format(
            Locale.ROOT,
            """
            insert into order_book_trades
            select 't' || lpad(i::text, 6, '0'), 1, 100 + i %% 7, 1 + i %% 5, %d + i, '0x' || i, 'Buy', 'p'
            from generate_series(%d, %d) i\
            """,
            T,
            from,
            to));
  }

  private static void assertCounts(SyncResult result, long processed, long errors, long total) {
    assertThat(result.message())
        .isEqualTo(
            String.format(
                Locale.ROOT,
                "Sync completed%s: %d/%d trades processed",
                errors == 0 ? "" : " with errors",
                processed,
                total));
    assertThat(result.success()).isTrue();
    assertThat(result.processed()).isEqualTo(processed);
    assertThat(result.errors()).isEqualTo(errors);
    assertThat(result.total()).isEqualTo(total);
  }

  static Stream<Arguments> unreadable() {
    return Stream.of(
        Arguments.of("price", "'NaN'", "price NaN is not a finite number"),
        Arguments.of("price", "'Infinity'", "price Infinity is not a finite number"),
        Arguments.of("quantity", "'-Infinity'", "quantity -Infinity is not a finite number"),
        Arguments.of("price", "1e1000", "price 1" + "0".repeat(99) + " has more than 1000 digits"),
        Arguments.of(
            "quantity",
            "1.5 + ('0.' || repeat('0', 1000) || '1')::numeric",
            "quantity 1.5" + "0".repeat(97) + " has more than 1000 digits"),
        Arguments.of(
            "price", "1e131000", "price 1" + "0".repeat(99) + " has more than 1000 digits"),
        Arguments.of("pool_id", "null", "pool_id is null"),
        Arguments.of("chain_id", "null", "chain_id is null"),
        Arguments.of("chain_id", "'NaN'", "chain_id NaN is no 64-bit whole number"),
        Arguments.of(
            "chain_id",
            "9223372036854775808",
            "chain_id 9223372036854775808 is no 64-bit whole number"),
        Arguments.of(
            "chain_id",
            "-9223372036854775809",
            "chain_id -9223372036854775809 is no 64-bit whole number"));
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void aRowThatIsNoTradeCostsItself(String column, String value, String reason) {
    tables.assumeHasNumber(value);
    insert(1, 21);
    tables.execute(
        "update order_book_trades set %s = %s where id = 't000010'".formatted(column, value));
    TradeKey bad = new TradeKey(T + 10, "t000010");
    try (SyncEngine engine = builder().build()) {
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(20, 1, 0, 0));

      assertCounts(engine.run(), 20, 1, 21);
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .extracting(FailedTrade::key, FailedTrade::reason, FailedTrade::parked)
          .containsExactly(tuple(bad, reason, true));
      assertCounts(engine.run(), 0, 0, 0);

      insert(22, 22);
      assertCounts(engine.run(), 1, 0, 1);
      SyncHealth health = engine.health();
      assertThat(health.gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
      assertThat(health.lagMinutes()).isZero();
      assertThat(engine.audit().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
      assertThat(engine.audit().ranges())
          .singleElement()
          .satisfies(range -> assertThat(range.first()).isEqualTo(bad));

      tables.execute(
          "update order_book_trades set chain_id = 1, price = 1, quantity = 1, pool_id = 'p'"
              + " where id = 't000010'");
      assertCounts(engine.run(), 1, 0, 1);
      assertThat(engine.health().isHealthy()).isTrue();
      assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
      assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(22);
      store.assertCandlesEqualTheirTrades();
    }
  }

  @Test
  void aViewWithNullsAndANumberBeyondItsTypeCostsTheirRows() {
    insert(1, 30);
    tables.execute(
        """
        create view trades as
        select id, case when "timestamp" %% 10 = 0 then null else chain_id::bigint end as chain_id, price,
          quantity, "timestamp", transaction_id, side,
          case when "timestamp" %% 10 = 1 then null else pool_id end as pool_id
        from order_book_trades\
        """
            .replace("%%", "%"));
    try (SyncEngine engine =
        builder()
            .source(PonderTradeSource.builder(tables.database.dataSource()).table("trades").build())
            .build()) {
      assertCounts(engine.run(), 24, 6, 30);
      assertCounts(engine.run(), 0, 0, 0);
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .extracting(FailedTrade::reason)
          .containsExactly(
              "pool_id is null",
              "chain_id is null",
              "pool_id is null",
              "chain_id is null",
              "pool_id is null",
              "chain_id is null");
    }
  }

  @Test
  void aProcessedTradeWhoseRowBecomesUnreadableKeepsWhatWasWritten() {
    insert(1, 20);
    try (SyncEngine engine = builder().build()) {
      assertCounts(engine.run(), 20, 0, 20);
      List<Map<String, Object>> candles = store.candles();

      tables.execute(
          "update order_book_trades set price = 'NaN' where id in ('t000003', 't000004')");
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 2, 0, 0));
      assertCounts(engine.run(), 0, 2, 2);
      assertCounts(engine.run(), 0, 0, 0);
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 2, 0, 0));
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .extracting(failed -> failed.key().id())
          .containsExactly("t000003", "t000004");
      assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(20);
      assertThat(store.count("select count(*) from sync_log where status = 'processed'"))
          .isEqualTo(20);
      assertThat(store.candles()).isEqualTo(candles);

      assertThat(engine.forceFromEpochSecond(T).message())
          .isEqualTo("Sync completed with errors: 18/20 trades processed");
      assertThat(store.candles()).isEqualTo(candles);

      tables.execute("update order_book_trades set price = 7777 where id = 't000003'");
      tables.execute("update order_book_trades set price = 104 where id = 't000004'");
      assertCounts(engine.run(), 2, 0, 2);
      assertThat(engine.health().isHealthy()).isTrue();
      assertThat(engine.failedTrades(TradeKey.MIN, 10)).isEmpty();
      assertThat(store.count("select count(*) from analytics_trades where price = 7777"))
          .isEqualTo(1);
      store.assertCandlesEqualTheirTrades();
    }
  }

  @Test
  void aRowThatIsUnreadableInAnotherWayIsMarkedAgain() {
    insert(1, 3);
    tables.execute("update order_book_trades set price = 'NaN' where id = 't000002'");
    try (SyncEngine engine = builder().build()) {
      assertCounts(engine.run(), 2, 1, 3);
      tables.execute("update order_book_trades set quantity = 3 where id = 't000002'");
      assertCounts(engine.run(), 0, 0, 0);
      tables.execute("update order_book_trades set pool_id = null where id = 't000002'");
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
      assertCounts(engine.run(), 0, 1, 1);
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .extracting(FailedTrade::reason)
          .containsExactly("pool_id is null");
      assertThat(engine.releaseParked(io.tradesync.KeyRange.all())).isEqualTo(1);
      assertCounts(engine.run(), 0, 1, 1);
      assertCounts(engine.run(), 0, 0, 0);
      tables.execute("delete from order_book_trades where id = 't000002'");
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 0, 1));
    }
  }

  @Test
  void aHintOverAnUnreadableRowBringsTheOthers() {
    insert(1, 20);
    tables.execute("update order_book_trades set price = 'NaN' where id = 't000010'");
    try (SyncEngine engine = builder().build()) {
      var result = engine.catchUp(List.of(new Hint(T + 10, null)));
      assertThat(result.processed()).isEqualTo(19);
      assertThat(result.errors()).isEqualTo(1);
      result = engine.catchUp(List.of(new Hint(T + 10, null)));
      assertThat(result.processed()).isZero();
      assertThat(result.errors()).isZero();
      assertThat(engine.failedTrades(TradeKey.MIN, 10)).hasSize(1);
      assertCounts(engine.run(), 0, 0, 0);
    }
  }

  @Test
  void knownFailuresAreVerifiedAndThoseThatAreNotParkedAreTriedAgain() {
    insert(1, 2_000);
    tables.execute("update order_book_trades set price = 'NaN' where mod(\"timestamp\", 100) = 0");
    store.execute("create table refused (id text)");
    try (SyncEngine engine = builder().compareAllUpTo(0).build()) {
      store.execute(
          """
          create function refuse() returns trigger language plpgsql as $$
          begin
            if new.trade_id = 't000555' and exists (select from refused) then
              raise exception 'refused' using errcode = '23514';
            end if;
            return new;
          end $$;
          create trigger refuse before insert on analytics_trades
          for each row execute function refuse();
          insert into refused values ('x')\
          """);
      assertCounts(engine.run(), 1_979, 21, 2_000);
      // What the run wrote is compared once more, and then verified but for the last seconds.
      assertCounts(engine.run(), 0, 1, 1);
      assertThat(engine.health().verified()).isNotNull();
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 21, 0, 0));
      store.execute("delete from refused");
      assertCounts(engine.run(), 1, 0, 1);
      assertCounts(engine.run(), 0, 0, 0);
      assertThat(store.count("select count(*) from sync_unverified")).isZero();
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 20, 0, 0));
      assertThat(engine.health().verified().throughEpochSecond()).isEqualTo(T + 1_999);
    }
  }

  // The same id and second twice

  private SyncEngineBuilder ofView(String select) {
    tables.execute("create or replace view trades as " + select);
    return builder()
        .source(PonderTradeSource.builder(tables.database.dataSource()).table("trades").build());
  }

  @Test
  void equalRowsAreWrittenOnceAndListed() {
    insert(1, 20);
    tables.execute("create table more as select * from order_book_trades where id = 't000005'");
    try (SyncEngine engine =
        ofView("select * from order_book_trades union all select * from more").build()) {
      SyncResult first = engine.run();
      assertCounts(first, 19, 1, 20);
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .extracting(FailedTrade::key, FailedTrade::reason)
          .containsExactly(tuple(new TradeKey(T + 5, "t000005"), "2 times in the source"));
      assertCounts(engine.run(), 0, 0, 0);
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 1, 0, 0));
      assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(20);
      store.assertCandlesEqualTheirTrades();

      tables.execute("insert into more select * from more");
      assertCounts(engine.run(), 0, 1, 1);
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .extracting(FailedTrade::reason)
          .containsExactly("3 times in the source");

      tables.execute("delete from more");
      assertCounts(engine.run(), 1, 0, 1);
      assertThat(engine.health().isHealthy()).isTrue();
      assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(20);
      store.assertCandlesEqualTheirTrades();
    }
  }

  @Test
  void differentRowsOfOneKeyAreNotWrittenAndWhatWasProcessedStays() {
    insert(1, 20);
    tables.execute("create table more as select * from order_book_trades where id = 't000005'");
    tables.execute("update more set price = 9999");
    try (SyncEngine engine =
        ofView("select * from order_book_trades union all select * from more").build()) {
      assertCounts(engine.run(), 19, 1, 20);
      assertCounts(engine.run(), 0, 0, 0);
      assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(19);

      tables.execute("delete from more");
      assertCounts(engine.run(), 1, 0, 1);
      tables.execute("insert into more select * from order_book_trades where id = 't000005'");
      tables.execute("update more set price = 'NaN'");
      assertCounts(engine.run(), 0, 1, 1);
      assertCounts(engine.run(), 0, 0, 0);
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .extracting(FailedTrade::reason)
          .containsExactly(
              "2 times in the source, with different content; price NaN is not a finite number");
      assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(20);
    }
  }

  @Test
  void anIdAtTwoKeysIsNeitherWrittenNorMoved() {
    insert(1, 20);
    tables.execute("create table more as select * from order_book_trades where id = 't000005'");
    tables.execute("update more set \"timestamp\" = \"timestamp\" + 7");
    try (SyncEngine engine =
        ofView("select * from order_book_trades union all select * from more").build()) {
      String reason =
          String.format(Locale.ROOT, "at 2 timestamps in the source: %d, %d", T + 5, T + 12);
      assertCounts(engine.run(), 19, 2, 21);
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .extracting(FailedTrade::key, FailedTrade::reason)
          .containsExactly(
              tuple(new TradeKey(T + 5, "t000005"), reason),
              tuple(new TradeKey(T + 12, "t000005"), reason));
      assertCounts(engine.run(), 0, 0, 0);
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 2, 0, 0));
      assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(19);

      tables.execute("delete from more");
      assertThat(engine.run().processed()).isGreaterThanOrEqualTo(1);
      assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(20);

      tables.execute("insert into more select * from order_book_trades where id = 't000006'");
      tables.execute("update more set \"timestamp\" = \"timestamp\" + 7");
      SyncResult again = engine.run();
      assertThat(again.processed()).isZero();
      assertThat(engine.run().total()).isZero();
      assertThat(store.count("select count(*) from analytics_trades")).isEqualTo(20);
      assertThat(engine.failedTrades(TradeKey.MIN, 10))
          .extracting(FailedTrade::reason)
          .contains(
              String.format(Locale.ROOT, "at 2 timestamps in the source: %d, %d", T + 6, T + 13));
      store.assertCandlesEqualTheirTrades();
    }
  }
}
