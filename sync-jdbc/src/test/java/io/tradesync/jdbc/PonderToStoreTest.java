package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.GapCounts;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncHealth;
import io.tradesync.SyncResult;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.Hint;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The engine between two databases: what is in Ponder's is in the store afterwards, once. */
class PonderToStoreTest {

  private static final long T = 1_754_400_000L;

  private final PostgresServer.Database ponder = PostgresServer.get().newDatabase();
  private final Jdbi source = Jdbi.create(ponder.dataSource());
  private final StoreFixture store = new StoreFixture();

  @BeforeEach
  void tables() {
    source.useHandle(
        handle -> {
          handle.execute(
              """
              create table order_book_trades (
                id text primary key, chain_id integer not null, price numeric(78, 0),
                quantity numeric(78, 0), "timestamp" integer, transaction_id text, side varchar,
                pool_id text not null)\
              """);
          handle.execute("create index on order_book_trades (\"timestamp\")");
        });
  }

  @AfterEach
  void drop() {
    ponder.close();
    store.database.close();
  }

  private SyncEngineBuilder builder() {
    return SyncEngine.builder()
        .source(PonderTradeSource.builder(ponder.dataSource()).build())
        .log(store.log)
        .sink(store.sink);
  }

  private void insert(String select) {
    source.useHandle(handle -> handle.execute("insert into order_book_trades " + select));
  }

  private void insertMany(int trades, String second) {
    insert(
        String.format(
            Locale.ROOT,
            """
            select encode(sha256(i::text::bytea), 'hex'), 1 + i %% 2, 1000 + (i * 7919) %% 1000, 1 + i %% 7,
              %s, '0xt' || i / 3, case i %% 3 when 0 then 'Buy' when 1 then 'Sell' end, 'pool' || i %% 3
            from generate_series(1, %d) i\
            """,
            second,
            trades));
  }

  private void assertEqualToSource(SyncEngine engine) {
    SyncHealth health = engine.health();
    assertThat(health.gaps()).isEqualTo(GapCounts.NONE);
    assertThat(health.isHealthy()).isTrue();
    String trades =
        """
        select id as trade_id, "timestamp"::bigint as trade_timestamp, chain_id::bigint as chain_id,
          pool_id, side::text as side, price::text as price, quantity::text as quantity,
          (price::numeric * quantity::numeric)::text as volume, transaction_id
        from order_book_trades order by "timestamp", id collate "C\"\
        """;
    List<Map<String, Object>> wanted =
        source.withHandle(handle -> handle.createQuery(trades).mapToMap().list());
    assertThat(
            store.rows(
                """
                select trade_id, trade_timestamp, chain_id, pool_id, side, price::text,
                  quantity::text, volume::text, transaction_id
                from analytics_trades order by trade_timestamp, trade_id\
                """))
        .isEqualTo(wanted);
    assertThat(store.count("select count(*) from sync_log where status = 'processed'"))
        .isEqualTo(wanted.size());
    List<Map<String, Object>> candles =
        source.withHandle(
            handle ->
                handle
                    .createQuery(
                        StoreFixture.recomputation(
                            """
                            (select id as trade_id, "timestamp" as trade_timestamp,
                              chain_id::bigint as chain_id, pool_id, price, quantity
                             from order_book_trades) t\
                            """))
                    .mapToMap()
                    .list());
    assertThat(store.candles()).isEqualTo(candles);
  }

  @Test
  void anEmptySourceIsHealthyAndARunDoesNothing() {
    try (SyncEngine engine = builder().build()) {
      SyncHealth health = engine.health();
      assertThat(health.isHealthy()).isTrue();
      assertThat(health.lastSourceEpochSecond()).isNull();
      assertThat(health.lastProcessedEpochSecond()).isNull();

      SyncResult result = engine.run();
      assertThat(result.success()).isTrue();
      assertThat(result.message()).isEqualTo("Sync completed: 0/0 trades processed");
    }
  }

  @Test
  void oneTrade() {
    insert("values ('a', 1, 3, 5, " + T + ", '0x', 'Buy', 'p')");
    try (SyncEngine engine = builder().build()) {
      assertThat(engine.health().missedTrades()).isEqualTo(1);
      assertThat(engine.run().processed()).isEqualTo(1);
      assertEqualToSource(engine);
      assertThat(engine.run().total()).isZero();
    }
  }

  @Test
  void nullsEdgesOfUint256OddIdsAndOnePoolOnTwoChains() {
    insert(
        String.format(
            Locale.ROOT,
            """
            select id, chain, price, quantity, %d, null, side, '0xAbC' from (values
              ('it''s "a" \\ id', 1, null::numeric, 5::numeric, 'Buy'),
              (' leading and trailing ', 1, 7, null, null),
              ('äöü €', 1, 2::numeric ^ 256 - 1, 2::numeric ^ 256 - 1, 'Sell'),
              ('𝄞', 2, 2::numeric ^ 256 - 1, 1, 'Sell'),
              ('\uFFFD', 2, 0, 0, ''),
              ('%%s ? :x {y} <z>', 2, 10 ^ 77::numeric, 1, 'Buy')) v (id, chain, price, quantity, side)\
            """,
            T));
    try (SyncEngine engine = builder().batchSize(2).build()) {
      assertThat(engine.run().message()).isEqualTo("Sync completed: 6/6 trades processed");
      assertEqualToSource(engine);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 300", "7, 8, 2000", "50, 8, 5000", "10000, 1, 12000", "10000, 8, 12000"})
  void everyBatchSizeAndParallelism(int batchSize, int parallelism, int trades) {
    insertMany(trades, T + " + i / 10");
    try (SyncEngine engine = builder().batchSize(batchSize).parallelism(parallelism).build()) {
      assertThat(engine.run().processed()).isEqualTo(trades);
      assertEqualToSource(engine);
    }
  }

  @Test
  void tenThousandTradesOfOneSecondAndMoreOfThatSecondLater() {
    insertMany(10_000, String.valueOf(T));
    try (SyncEngine engine = builder().batchSize(777).parallelism(2).build()) {
      assertThat(engine.run().processed()).isEqualTo(10_000);
      insert("values ('0', 1, 3, 5, " + T + ", '0x', 'Buy', 'p')");
      insert("values ('~', 1, 3, 5, " + T + ", '0x', 'Buy', 'p')");
      assertThat(engine.health().missedTrades()).isEqualTo(2);
      assertThat(engine.run().processed()).isEqualTo(2);
      assertEqualToSource(engine);
    }
  }

  @Test
  void holesAtTheHeadInTheMiddleAndAtTheTailAndLateRowsAreFound() {
    insertMany(5_000, T + " + i");
    try (SyncEngine engine = builder().batchSize(500).build()) {
      assertThat(engine.run().processed()).isEqualTo(5_000);
      store.execute(
          String.format(
              Locale.ROOT,
              """
              delete from sync_log where trade_timestamp - %d in (1, 2, 2500, 2502, 3000, 4999, 5000)\
              """,
              T));
      insert("values ('late', 1, 3, 5, " + (T - 100_000_000) + ", '0x', 'Buy', 'p')");

      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(8, 0, 0, 0));
      assertThat(engine.health().lagMinutes()).isZero();
      SyncResult result = engine.run();
      assertThat(result.total()).isEqualTo(8);
      assertThat(result.message()).isEqualTo("Sync completed: 8/8 trades processed");
      assertEqualToSource(engine);
    }
  }

  @Test
  void aTradeThatTheStoreCannotHoldFailsAloneWithItsReason() {
    insertMany(200, T + " + i");
    store.execute("create table if not exists nothing ()");
    try (SyncEngine engine = builder().build()) {
      store.execute("alter table analytics_trades add constraint not_1077 check (price <> 1077)");
      long bad =
          source.withHandle(
              handle ->
                  handle
                      .createQuery("select count(*) from order_book_trades where price = 1077")
                      .mapTo(Long.class)
                      .one());
      SyncResult result = engine.run();

      assertThat(result.success()).isTrue();
      assertThat(result.errors()).isEqualTo(bad);
      assertThat(result.processed()).isEqualTo(200 - bad);
      assertThat(engine.failedTrades(TradeKey.MIN, 500))
          .hasSize((int) bad)
          .allSatisfy(failed -> assertThat(failed.reason()).contains("not_1077"));
      assertThat(engine.health().gaps().error()).isEqualTo(bad);

      store.execute("alter table analytics_trades drop constraint not_1077");
      assertThat(engine.run().processed()).isEqualTo(bad);
      assertEqualToSource(engine);
    }
  }

  @Test
  void changedTradesAreReplacedAndForcedOnesCountOnce() {
    insertMany(1_000, T + " + i");
    try (SyncEngine engine = builder().batchSize(100).parallelism(4).build()) {
      assertThat(engine.run().processed()).isEqualTo(1_000);
      source.useHandle(
          handle ->
              handle.execute(
                  "update order_book_trades set price = price + 1, quantity = null"
                      + " where \"timestamp\" % 50 = 0"));
      assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 0, 20, 0));
      assertThat(engine.run().processed()).isEqualTo(20);
      assertEqualToSource(engine);

      store.execute("update trade_candles set volume = volume * 2, open = 0, trades = trades - 1");
      SyncResult forced = engine.forceFromEpochSecond(T);
      assertThat(forced.message()).isEqualTo("Sync completed: 1000/1000 trades processed");
      assertEqualToSource(engine);
    }
  }

  @Test
  void hintsAreAnsweredFromTheSource() {
    insertMany(30, T + " + i");
    try (SyncEngine engine = builder().build()) {
      var result = engine.catchUp(List.of(new Hint(T + 30, "0xt9"), new Hint(T + 40, "0xlater")));

      assertThat(result.processed()).isEqualTo(30);
      assertThat(result.unanswered()).containsExactly(new Hint(T + 40, "0xlater"));
      assertEqualToSource(engine);
    }
  }

  @Test
  void liveTradesGetTheirSymbolFromTheSource() {
    source.useHandle(
        handle -> {
          handle.execute(
              """
              create table pools (id text primary key, chain_id integer, coin varchar,
                order_book text, base_decimals integer, quote_decimals integer)\
              """);
          handle.execute(
              "insert into pools values ('x', 31337, 'WETH/USDC', '"
                  + StoreFixture.POOL
                  + "', 18, 6)");
        });
    try (SyncEngine engine = builder().build()) {
      engine.ingest(List.of(StoreFixture.trade("live", T, 3, 5)));
      assertThat(engine.ingest(List.of(StoreFixture.trade("live", T, 3, 6))).disputed()).hasSize(1);

      assertThat(store.rows("select symbol, scaled_volume, quantity::text from analytics_trades"))
          .containsExactly(
              Map.of(
                  "symbol",
                  "WETH/USDC",
                  "scaled_volume",
                  BigDecimal.valueOf(15).movePointLeft(18),
                  "quantity",
                  "5"));
    }
  }
}
