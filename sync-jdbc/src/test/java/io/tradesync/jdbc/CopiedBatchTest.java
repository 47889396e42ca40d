package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.tradesync.KeyRange;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.BinaryCopy;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.LogTransaction;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Large batches are copied, and mean the same as small ones, which are inserted. */
class CopiedBatchTest {

  private static final long T = 1_754_400_000L;
  private static final int MANY = 2 * BinaryCopy.WORTH_IT;

  private final StoreFixture store = new StoreFixture();
  private final StoreFixture other = new StoreFixture();

  @BeforeEach
  void prepare() throws Exception {
    store.prepare();
    other.prepare();
    // Tells copied rows from inserted ones: those of COPY do not pass a statement.
    for (StoreFixture each : List.of(store, other)) {
      each.execute("create table seen (what text)");
      each.execute(
          """
          create function see() returns trigger language plpgsql as
          'begin insert into seen values (current_query()); return null; end'\
          """);
      for (String table : List.of("sync_log", "analytics_trades")) {
        each.execute(
            "create trigger see after insert on %s for each statement execute function see()"
                .formatted(table));
      }
    }
  }

  @AfterEach
  void drop() {
    store.database.close();
    other.database.close();
  }

  private static long copies(StoreFixture where) {
    return where.count("select count(*) from seen where what ilike 'copy %'");
  }

  private static ClaimRequest request(List<Trade> trades, ClaimMode mode) {
    return new ClaimRequest(trades, List.of(), mode, EnumSet.allOf(SinkCapability.class), "run");
  }

  private static Claim claimAndSend(
      StoreFixture where, LogTransaction transaction, List<Trade> trades) throws Exception {
    return claimAndSend(where, transaction, trades, ClaimMode.REPAIR);
  }

  private static Claim claimAndSend(
      StoreFixture where, LogTransaction transaction, List<Trade> trades, ClaimMode mode)
      throws Exception {
    Claim claim = transaction.claim(request(trades, mode));
    if (!claim.changes().isEmpty()) {
      where.sink.write(
          new TradeBatch("analytics", "key", false, claim.changes()),
          (Connection) transaction.handle());
    }
    return claim;
  }

  private static Claim write(StoreFixture where, List<Trade> trades) throws Exception {
    return where.log.transact(null, transaction -> claimAndSend(where, transaction, trades));
  }

  private static List<Trade> trades(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                StoreFixture.trade(
                    String.format(Locale.ROOT, "t%06d", i), T + i / 3, 1_000 + i % 7, 1 + i % 5))
        .toList();
  }

  private List<LogEntry> entries(StoreFixture where) {
    return where.log.entries().page(List.of(KeyRange.all()), 10 * MANY);
  }

  /** Every kind of value that a trade can have. */
  private static List<Trade> odd() {
    Random random = new Random(20261124);
    String[] texts = {"", "a\tb\\n", "é𝄞\uffff", "\\N", "0x" + "f".repeat(64), "'\"{},\n"};
    List<Trade> trades = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      BigDecimal number =
          new BigDecimal(new BigInteger(random.nextInt(257), random), random.nextInt(40) - 9);
      trades.add(
          Trade.builder(
                  String.format(Locale.ROOT, "t%06d", i) + texts[i % texts.length],
                  i < 50 ? -1_000 + i : T + i / 3,
                  random.nextLong(),
                  "p" + texts[random.nextInt(texts.length)])
              .price(i % 11 == 0 ? null : i % 3 == 0 ? number.negate() : number)
              .quantity(i % 13 == 0 ? null : BigDecimal.valueOf(random.nextLong(), i % 25))
              .transactionId(i % 5 == 0 ? null : texts[random.nextInt(texts.length)])
              .side(i % 7 == 0 ? null : texts[random.nextInt(texts.length)])
              .attribute("fee" + texts[i % 3], i % 8 == 0 ? null : texts[i % texts.length])
              .attribute("é", "" + i)
              .pool(i % 2 == 0 ? null : "WETH/USDC", i % 4 == 0 ? null : 18, 6)
              .build());
    }
    return trades;
  }

  @Test
  void everyValueIsTheSameAsInserted() throws Exception {
    List<Trade> trades = odd();
    write(store, trades);
    for (int i = 0; i < MANY; i += 50) {
      write(other, trades.subList(i, i + 50));
    }
    assertThat(copies(store)).isEqualTo(2);
    assertThat(copies(other)).isZero();
    for (String rows :
        List.of(
            "select t::text from analytics_trades t order by ts, trade_id",
            "select c::text from trade_candles c order by c",
            """
            select service, trade_timestamp, trade_id, status, fingerprint, attempts, failed_at,
              error_message, run_id, data_failures, parked
            from sync_log order by trade_timestamp, trade_id\
            """)) {
      assertThat(store.rows(rows)).isNotEmpty().isEqualTo(other.rows(rows));
    }
    assertThat(store.trades()).isEqualTo(trades);
  }

  @Test
  void theTimeIsThatOfTheServersTransaction() throws Exception {
    store.log.transact(
        null,
        transaction -> {
          transaction.claim(request(trades(MANY), ClaimMode.REPAIR));
          try (var rows =
              ((Connection) transaction.handle())
                  .createStatement()
                  .executeQuery("select count(*) from sync_log where processed_at = now()")) {
            rows.next();
            assertThat(rows.getLong(1)).isEqualTo(MANY);
          }
          return true;
        });
    assertThat(copies(store)).isEqualTo(1);
  }

  @Test
  void aProcessedTradeInTheRangeCountsOnce() throws Exception {
    List<Trade> trades = trades(MANY);
    write(store, trades.subList(7, 9));
    Claim claim = write(store, trades);
    assertThat(claim.known()).isEqualTo(trades.subList(7, 9));
    assertThat(claim.changes()).hasSize(MANY - 2);
    assertThat(store.trades()).isEqualTo(trades);
    store.assertCandlesEqualTheirTrades();
  }

  @Test
  void anIdAtAnotherKeyIsDisputed() throws Exception {
    List<Trade> trades = trades(MANY);
    Trade elsewhere = StoreFixture.trade("t000100", T - 50, 1, 1);
    write(store, List.of(elsewhere));
    Claim claim = write(store, trades);
    assertThat(claim.disputed()).containsExactly(trades.get(100));
    assertThat(store.count("select count(*) from analytics_trades where trade_id = 't000100'"))
        .isEqualTo(1);
    store.assertCandlesEqualTheirTrades();
  }

  private void move(List<Trade> trades) throws Exception {
    Claim claim =
        store.log.transact(
            null, transaction -> claimAndSend(store, transaction, trades, ClaimMode.CONFIRMED));
    assertThat(claim.changes()).hasSize(MANY).allMatch(TradeChange.Replace.class::isInstance);
    assertThat(store.trades()).isEqualTo(trades);
    store.assertCandlesEqualTheirTrades();
    assertThat(entries(store))
        .filteredOn(entry -> entry.status() == EntryStatus.PROCESSED)
        .extracting(LogEntry::key, LogEntry::fingerprint)
        .isEqualTo(trades.stream().map(t -> tuple(t.key(), t.fingerprint())).toList());
  }

  @Test
  void tradesThatMoveAreCopiedAndThoseThatMoveBackAreNot() throws Exception {
    List<Trade> trades = trades(MANY);
    List<Trade> later =
        trades.stream()
            .map(trade -> StoreFixture.trade(trade.id(), trade.epochSecond() + 1_000, 7, 7))
            .toList();
    write(store, trades);
    long before = copies(store);

    move(later);
    assertThat(copies(store)).isEqualTo(before + 2);

    // The log still has the old keys, as retracted.
    move(trades);
    assertThat(copies(store)).isEqualTo(before + 3);
    assertThat(entries(store)).hasSize(2 * MANY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatAnotherCommitsMeanwhileIsKnown(boolean idsAreRemembered) throws Exception {
    if (!idsAreRemembered) {
      FencingToken run = store.log.lease().acquire(LeaseKind.RUN, "run", Duration.ofMinutes(1));
      assertThat(store.log.verification().begin(run, T + 100 * 86_400)).isTrue();
    }
    List<Trade> trades = trades(MANY);
    CountDownLatch claimed = new CountDownLatch(1);
    CountDownLatch commit = new CountDownLatch(1);
    CompletableFuture<Boolean> live =
        ConcurrentTask.run(
            () ->
                store.log.transact(
                    null,
                    transaction -> {
                      claimAndSend(store, transaction, trades.subList(200, 201));
                      claimed.countDown();
                      commit.await();
                      return true;
                    }));
    claimed.await();
    CompletableFuture<Claim> run = ConcurrentTask.run(() -> write(store, trades));
    await()
        .until(
            () ->
                store.count(
                        """
                        select count(*) from pg_stat_activity
                        where datname = current_database() and wait_event_type = 'Lock'
                          and query ilike 'copy %'\
                        """)
                    == 1);
    commit.countDown();
    assertThat(live.get()).isTrue();
    assertThat(run.get().known()).containsExactly(trades.get(200));
    assertThat(run.get().changes()).hasSize(MANY - 1);
    assertThat(store.trades()).isEqualTo(trades);
    store.assertCandlesEqualTheirTrades();
  }

  @Test
  void rowsThatTheLogDoesNotKnowAreReplaced() throws Exception {
    List<Trade> trades = trades(MANY);
    write(store, List.of(StoreFixture.trade("t000010", trades.get(10).epochSecond(), 5, 5)));
    store.execute("truncate sync_log, sync_tracked_id");
    write(store, trades);
    assertThat(store.trades()).isEqualTo(trades);
    store.assertCandlesEqualTheirTrades();
    assertThat(entries(store)).hasSize(MANY).allMatch(e -> e.status() == EntryStatus.PROCESSED);
  }

  @Test
  void tradesWithAttributesAreCopied() throws Exception {
    List<Trade> trades =
        IntStream.range(0, MANY)
            .mapToObj(
                i ->
                    Trade.builder(String.format(Locale.ROOT, "t%06d", i), T, 1, "p")
                        .attribute("fee", i % 2 == 0 ? null : "0." + i)
                        .build())
            .toList();
    write(store, trades);
    assertThat(store.trades()).isEqualTo(trades);
    assertThat(copies(store)).isEqualTo(2);
  }

  @Test
  void tradesOfDistantTimesAreFound() throws Exception {
    List<Trade> trades =
        IntStream.range(0, MANY)
            .mapToObj(
                i ->
                    StoreFixture.trade(String.format(Locale.ROOT, "t%06d", i), T * 1_000 + i, 1, 1))
            .toList();
    write(store, trades);
    List<TradeKey> keys = trades.stream().map(Trade::key).toList();
    Claim claim =
        store.log.transact(
            null,
            transaction -> {
              Claim retracted =
                  transaction.claim(
                      new ClaimRequest(
                          List.of(),
                          keys,
                          ClaimMode.REPAIR,
                          EnumSet.allOf(SinkCapability.class),
                          "run"));
              store.sink.write(
                  new TradeBatch("analytics", "key", false, retracted.changes()),
                  (Connection) transaction.handle());
              return retracted;
            });
    assertThat(claim.changes()).hasSize(MANY).hasOnlyElementsOfType(TradeChange.Retract.class);
    assertThat(store.trades()).isEmpty();
    assertThat(store.candles()).isEmpty();
  }

  @Test
  void aFailureOfTheDataNamesTheConstraint() throws Exception {
    store.execute("alter table analytics_trades add constraint not_dear check (price < 1006)");
    List<Trade> trades = trades(MANY);
    assertThatThrownBy(() -> write(store, trades))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("23514"))
        .hasMessageContaining("not_dear");
    assertThat(entries(store)).isEmpty();
    List<Map<String, Object>> left = store.rows("select 1 from analytics_trades");
    assertThat(left).isEmpty();
  }
}
