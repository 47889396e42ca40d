package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tradesync.BatchProgress;
import io.tradesync.GapCounts;
import io.tradesync.InvalidSettingException;
import io.tradesync.KeyRange;
import io.tradesync.RunOptions;
import io.tradesync.RunOutcome;
import io.tradesync.Scope;
import io.tradesync.SyncEngine;
import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import io.tradesync.spi.Hint;
import io.tradesync.spi.SourcePage;
import io.tradesync.spi.TradeSource;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Services with some pools in scope, and forces of some pools, between two databases. */
class ScopeOfPoolsOnPostgresTest {

  private static final long T = 1_754_400_000L;
  private static final TradeSelection A = TradeSelection.ALL.withPools("a");

  private static PonderTables ponder;
  private final StoreFixture store = new StoreFixture();

  @BeforeAll
  static void create() {
    ponder = new PonderTables();
  }

  @AfterAll
  static void drop() {
    ponder.close();
  }

  @BeforeEach
  void tables() {
    ponder.create("bigint", "");
  }

  @AfterEach
  void dropStore() {
    store.close();
  }

  private static Trade trade(String pool, String id, long second) {
    return Trade.builder(id, second, 1, pool)
        .price(BigDecimal.valueOf(3))
        .quantity(BigDecimal.valueOf(2))
        .transactionId("0x" + id)
        .build();
  }

  private static List<Trade> trades(int perPool) {
    List<Trade> trades = new ArrayList<>();
    for (int i = 0; i < perPool; i++) {
      trades.add(trade("a", "a" + i, T + 40L * i));
      trades.add(trade("b", "b" + i, T + 40L * i));
    }
    return trades;
  }

  private SyncEngineBuilder builder() {
    return SyncEngine.builder()
        .source(PonderTradeSource.builder(ponder.database.dataSource()).build())
        .log(store.log)
        .sink(store.sink)
        .orphanGrace(Duration.ZERO);
  }

  private SyncEngine engine(Scope scope) {
    return builder().scope(scope).build();
  }

  private void assertHeld(SyncEngine engine, List<Trade> trades) {
    assertThat(store.trades())
        .extracting(Trade::key)
        .isEqualTo(trades.stream().map(Trade::key).sorted().toList());
    store.assertCandlesEqualTheirTrades();
    assertThat(engine.health().gaps()).isEqualTo(GapCounts.NONE);
    assertThat(engine.audit().gaps()).isEqualTo(GapCounts.NONE);
  }

  private static List<Trade> ofA(List<Trade> trades) {
    return trades.stream().filter(A::contains).toList();
  }

  @Test
  void onlyTradesInScopeArriveByAnyWay() {
    List<Trade> trades = trades(20);
    ponder.put(trades);
    SyncEngine engine = engine(Scope.all().only(A));
    assertThat(engine.ingest(trades.subList(0, 10)).outOfScope()).hasSize(5);
    assertThat(engine.catchUp(List.of(new Hint(T + 400, "0xb10"))).unanswered()).isEmpty();
    assertThat(engine.run().success()).isTrue();
    assertHeld(engine, ofA(trades));
    assertThat(engine.ingest(trades).outOfScope()).hasSize(20);
    assertHeld(engine, ofA(trades));
  }

  @Test
  void aTradeThatChangesItsPoolLeavesOrEntersTheScope() {
    List<Trade> trades = trades(5);
    ponder.put(trades);
    SyncEngine engine = engine(Scope.all().only(A));
    engine.run();
    ponder.execute("update order_book_trades set pool_id = 'b' where id = 'a2'");
    ponder.execute("update order_book_trades set pool_id = 'a' where id = 'b3'");
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(1, 0, 0, 1));
    assertThat(engine.run().processed()).isEqualTo(2);
    assertHeld(
        engine,
        trades.stream()
            .filter(trade -> List.of("a0", "a1", "a3", "a4", "b3").contains(trade.id()))
            .toList());
  }

  @Test
  void aScopeGrowsAndDoesNotShrink() {
    List<Trade> trades = trades(5);
    ponder.put(trades);
    SyncEngine small = engine(Scope.all().only(A));
    small.run();
    SyncEngine grown = engine(Scope.all().pools("a", "b"));
    assertThat(grown.run().processed()).isEqualTo(5);
    assertHeld(grown, trades);
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> engine(Scope.all().only(A)))
        .withMessageStartingWith("pools must contain [b], since the log has entries of them");
    SyncResult result = small.run();
    assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
    assertThat(result.message()).contains("pools must contain [b]");
    assertHeld(grown, trades);
  }

  /** The batch that is under way when the scope grows is committed first, and no later one is. */
  @Test
  void aRunThatIsUnderWayCommitsNothingAfterTheScopeHasGrown() {
    List<Trade> trades = trades(50);
    ponder.put(trades);
    AtomicBoolean grown = new AtomicBoolean();
    SyncEngine small =
        builder()
            .scope(Scope.all().only(A))
            .batchSize(10)
            .groupCommit(1)
            .listener(
                new SyncListener() {
                  @Override
                  public void batchFinished(BatchProgress batch) {
                    if (!grown.getAndSet(true)) {
                      SyncEngine ignored = engine(Scope.all());
                    }
                  }
                })
            .build();

    SyncResult result = small.run();

    assertThat(result.outcome()).isEqualTo(RunOutcome.FAILED);
    assertThat(result.message()).contains("lease");
    SyncEngine engine = engine(Scope.all());
    assertThat(engine.run().success()).isTrue();
    assertHeld(engine, trades);
  }

  @Test
  void aRecordThatSomebodyDeletedIsPutBackByTheServiceThatRuns() {
    List<Trade> trades = trades(5);
    ponder.put(trades);
    SyncEngine engine = engine(Scope.all().only(A));
    engine.run();
    store.execute("delete from sync_scope");
    assertThat(engine.run().success()).isTrue();
    assertThat(store.log.scope().selection()).contains(A);
    assertHeld(engine, ofA(trades));
  }

  /** The log does not say which pools it has. */
  @Test
  void withoutItsRecordALogWithEntriesTakesNoSmallScope() {
    ponder.put(trades(1));
    engine(Scope.all().only(A)).run();
    store.execute("delete from sync_scope");
    PostgresSyncLog started = PostgresSyncLog.builder(store.database.dataSource()).build();
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> builder().log(started).scope(Scope.all().only(A)).build())
        .withMessageStartingWith("pools must contain all pools");
  }

  @Test
  void aForceOfAPoolRecomputesItsCandlesOnly() {
    List<Trade> trades = trades(20);
    ponder.put(trades);
    SyncEngine engine = engine(Scope.all());
    engine.run();
    store.execute("update trade_candles set volume = 1");
    store.execute("update analytics_trades set quantity = 9");

    SyncResult result = engine.run(RunOptions.forceFromEpochSecond(T - 1).only(A));

    assertThat(result.message()).isEqualTo("Sync completed: 20/20 trades processed");
    assertThat(result.success()).isTrue();
    assertThat(store.count("select count(*) from trade_candles where pool_id = 'a' and volume = 1"))
        .isZero();
    assertThat(
            store.count("select count(*) from trade_candles where pool_id = 'b' and volume <> 1"))
        .isZero();
    assertThat(store.count("select count(*) from analytics_trades where quantity = 9"))
        .isEqualTo(20);
    assertThat(engine.run(RunOptions.forceFromEpochSecond(T - 1)).success()).isTrue();
    assertHeld(engine, trades);
  }

  @Test
  void aForceOfAPoolReadsTheRowsOfThatPoolOnly() {
    ponder.put(trades(30));
    engine(Scope.all()).run();
    List<TradeKey> forced = new ArrayList<>();
    TradeSource whole = PonderTradeSource.builder(ponder.database.dataSource()).build();
    SourcePage<Trade> page = whole.only(A).page(KeyRange.from(T + 40), 1_000);
    page.rows().forEach(trade -> forced.add(trade.key()));
    assertThat(forced).hasSize(29).allMatch(key -> key.id().startsWith("a"));
    assertThat(whole.only(A).count(KeyRange.all())).isEqualTo(30);
  }

  /** A row without a pool, or on a chain beyond a bigint, is of no pool or chain that is named. */
  @Test
  void aRowThatIsNoTradeIsOfItsPool() {
    ponder.execute(
        String.format(
            Locale.ROOT,
            """
            alter table order_book_trades alter pool_id drop not null, alter chain_id type numeric(40, 0);
            insert into order_book_trades (id, chain_id, price, quantity, "timestamp", pool_id)
            values ('nan a', 1, 'NaN', 1, %1$d, 'a'), ('nan b', 1, 'NaN', 1, %1$d, 'b'),
              ('no pool', 1, 1, 1, %1$d, null), ('no chain', 1e30, 1, 1, %1$d, 'a'),
              ('no second a', 1, 1, 1, null, 'a'), ('no second b', 1, 1, 1, null, 'b')\
            """,
            T));
    TradeSource source = PonderTradeSource.builder(ponder.database.dataSource()).build();
    TradeSource ofPool = source.only(A);
    assertThat(ids(ofPool)).containsExactly("nan a", "no chain");
    assertThat(ids(source.only(A.withChains(1)))).containsExactly("nan a");
    assertThat(ids(source)).containsExactly("nan a", "nan b", "no chain", "no pool");
    assertThat(ofPool.countWithoutKey()).isEqualTo(1);
    assertThat(ofPool.outsideKeyOrder(10))
        .extracting(row -> row.id())
        .containsExactly("no second a");
    assertThat(ofPool.byIds(List.of("no second a", "no second b")).idsOutsideKeyOrder())
        .containsExactly("no second a");
    SyncEngine engine = engine(Scope.all().only(A));
    engine.run();
    assertThat(engine.health().gaps()).isEqualTo(new GapCounts(0, 3, 0, 0));
  }

  private static List<String> ids(TradeSource source) {
    return source.page(KeyRange.all(), 100).unreadable().stream()
        .map(row -> row.key().id())
        .toList();
  }
}
