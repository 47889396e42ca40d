package io.tradesync.jdbc;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.LogTransaction;
import io.tradesync.spi.log.TradeFailure;
import java.math.BigDecimal;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A forced batch is recorded as a whole, and rows that are right already stay as they are. */
class ForcedBatchTest {

  private static final long T = 1_754_400_000L;
  private static final int TRADES = 120;

  private final StoreFixture store = new StoreFixture();

  @BeforeEach
  void prepare() throws Exception {
    store.prepare();
  }

  @AfterEach
  void drop() {
    store.close();
  }

  private Claim write(List<Trade> trades, ClaimMode mode, TradeKey... retractions)
      throws Exception {
    return store.log.transact(
        null, transaction -> write(transaction, trades, mode, List.of(retractions)));
  }

  private Claim write(
      LogTransaction transaction, List<Trade> trades, ClaimMode mode, List<TradeKey> retractions)
      throws Exception {
    Claim claim =
        transaction.claim(
            new ClaimRequest(
                trades, retractions, mode, EnumSet.allOf(SinkCapability.class), "of " + mode));
    if (!claim.changes().isEmpty()) {
      store.sink.write(
          new TradeBatch("analytics", "key", mode == ClaimMode.FORCE, claim.changes()),
          (Connection) transaction.handle());
    }
    return claim;
  }

  private void recomputeCandles() throws Exception {
    boolean more = true;
    while (more) {
      more = store.completeDeferred(store.sink);
    }
  }

  /** Which version of each row is there. */
  private Map<TradeKey, Object> versions() {
    return store
        .rows(
            "select trade_timestamp, trade_id, xmin::text || ctid::text as row from"
                + " analytics_trades")
        .stream()
        .collect(
            toMap(
                row ->
                    new TradeKey((Long) row.get("trade_timestamp"), (String) row.get("trade_id")),
                row -> row.get("row")));
  }

  private List<String> rows() {
    return store
        .rows("select t::text as row from analytics_trades t order by ts, trade_id")
        .stream()
        .map(row -> (String) row.get("row"))
        .toList();
  }

  private static Trade trade(int i, long price) {
    String[] texts = {"", "a\tb\\n", "é𝄞\uffff", "\\N", "\u0001\u001f/\u007f", "'\"{},\n\b\f\r"};
    Trade.Builder trade =
        Trade.builder(String.format(Locale.ROOT, "t%06d", i), T + i / 2, 1 + i % 2, "p" + i % 3)
            .price(i % 11 == 0 ? null : BigDecimal.valueOf(price, i % 4))
            .quantity(i % 13 == 0 ? null : BigDecimal.valueOf(1 + i % 5))
            .transactionId(i % 5 == 0 ? null : texts[i % texts.length])
            .side(i % 7 == 0 ? null : "Buy")
            .pool(i % 2 == 0 ? null : "WETH/USDC", i % 4 == 0 ? null : 18, 6);
    if (i % 3 > 0) {
      trade
          .attribute("maker", texts[i % texts.length])
          .attribute("fee", i % 2 == 0 ? null : "0." + i)
          .attribute("é\"z", "1");
    }
    return trade.build();
  }

  private static List<Trade> trades() {
    return IntStream.range(0, TRADES).mapToObj(i -> trade(i, 1_000 + i % 7)).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 30, TRADES})
  void theLogRecordsTheForceAndEqualRowsStay(int batch) throws Exception {
    List<Trade> trades = trades();
    write(trades, ClaimMode.REPAIR);
    Map<TradeKey, Object> versions = versions();
    store.execute("update sync_log set attempts = 3, processed_at = now() - interval '1 day'");
    for (int i = 0; i < TRADES; i += batch) {
      List<Trade> part = trades.subList(i, i + batch);
      Claim claim = write(part, ClaimMode.FORCE);
      assertThat(claim.changes())
          .isEqualTo(
              part.stream()
                  .map(trade -> (TradeChange) new TradeChange.Replace(trade.key(), trade))
                  .toList());
    }
    assertThat(versions()).isEqualTo(versions);
    assertThat(
            store.count(
                """
                select count(*) from sync_log
                where status = 'processed' and attempts = 3 and run_id = 'of FORCE'
                  and processed_at > now() - interval '1 hour'\
                """))
        .isEqualTo(TRADES);
    assertThat(store.count("select count(*) from candle_rebuild")).isPositive();
    store.execute("update trade_candles set volume = volume + 1, trades = trades + 1");
    recomputeCandles();
    store.assertCandlesEqualTheirTrades();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "trade_timestamp = trade_timestamp + 1",
        "trade_timestamp = 9223372036854775807",
        "trade_timestamp = -9223372036854775808",
        "trade_timestamp = 9224318016000",
        "chain_id = chain_id + 1",
        "pool_id = 'other'",
        "symbol = 'other'",
        "side = 'other'",
        "price = coalesce(price, 0) + 1",
        "quantity = coalesce(quantity, 0) + 1",
        "volume = coalesce(volume, 0) + 1",
        "volume = 'NaN'",
        "price = 'NaN'",
        "quantity = 'NaN', price = 'NaN'",
        "scaled_volume = coalesce(scaled_volume, 0) + 0.1",
        "transaction_id = 'other'",
        "attributes = coalesce(attributes, '{}') || '{\"fee\": \"other\"}'",
        "attributes = '{}'",
      })
  void aDamagedColumnIsWrittenAgain(String damage) throws Exception {
    List<Trade> trades = trades();
    write(trades, ClaimMode.REPAIR);
    List<String> rows = rows();
    store.execute("update analytics_trades set " + damage + " where trade_id like '%1'");
    assertThat(rows()).isNotEqualTo(rows);
    Map<TradeKey, Object> versions = versions();
    write(trades, ClaimMode.FORCE);
    recomputeCandles();
    assertThat(rows()).isEqualTo(rows);
    store.assertCandlesEqualTheirTrades();
    versions.keySet().removeIf(key -> key.id().endsWith("1"));
    assertThat(versions()).containsAllEntriesOf(versions);
  }

  /** Each trade of the range can be in any state, and entries of other trades can be in between. */
  @ParameterizedTest
  @ValueSource(longs = {20261127, 20261128, 20261129, 20261130})
  void whateverTheLogHoldsTheForcedTradesAreThereOnce(long seed) throws Exception {
    Random random = new Random(seed);
    for (int round = 0; round < 4; round++) {
      store.execute("truncate sync_log, sync_tracked_id, analytics_trades, trade_candles");
      List<Trade> trades = new ArrayList<>(trades());
      List<Trade> forced = new ArrayList<>();
      List<Trade> others = new ArrayList<>();
      for (Trade trade : trades) {
        boolean isOther = random.nextInt(40) == 0;
        (isOther ? others : forced).add(trade);
        switch (isOther ? 9 : random.nextInt(30 * round + 1)) {
          case 1 -> {} // missing
          case 2 -> write(List.of(trade(number(trade), 5)), ClaimMode.REPAIR);
          case 3 -> {
            write(List.of(trade), ClaimMode.REPAIR);
            write(List.of(), ClaimMode.REPAIR, trade.key());
          }
          case 4 -> fail(trade);
          case 5 -> {
            write(List.of(trade), ClaimMode.REPAIR);
            fail(trade);
          }
          case 6 -> {
            write(List.of(trade), ClaimMode.REPAIR);
            store.execute("delete from analytics_trades where trade_id = '" + trade.id() + "'");
          }
          default -> write(List.of(trade), ClaimMode.REPAIR);
        }
      }
      Claim claim = write(forced, ClaimMode.FORCE);
      assertThat(claim.changes()).as("seed %d", seed).hasSize(forced.size());
      recomputeCandles();
      Set<Trade> expected = new HashSet<>(forced);
      expected.addAll(others);
      assertThat(new HashSet<>(store.trades())).as("seed %d", seed).isEqualTo(expected);
      store.assertCandlesEqualTheirTrades();
      assertThat(
              store.count(
                  """
                  select count(*) from sync_log
                  where status = 'processed' and failed_at is null and run_id = 'of FORCE'\
                  """))
          .as("seed %d", seed)
          .isEqualTo(forced.size());
    }
  }

  private static int number(Trade trade) {
    return Integer.parseInt(trade.id().substring(1));
  }

  private void fail(Trade trade) {
    store
        .log
        .failedTrades()
        .markFailed(
            List.of(new TradeFailure(trade.key(), trade.fingerprint(), "boom", true)), "run", 10);
  }

  @Test
  void anIdAtAnotherKeyIsDisputed() throws Exception {
    List<Trade> trades = trades();
    write(trades, ClaimMode.REPAIR);
    Trade moved = trades.get(40);
    store.execute(
        "update sync_tracked_id set trade_timestamp = 5 where trade_id = '" + moved.id() + "'");
    Claim claim = write(trades, ClaimMode.FORCE);
    assertThat(claim.disputed()).containsExactly(moved);
    assertThat(claim.changes()).hasSize(TRADES - 1);
    assertThat(store.count("select count(*) from sync_log where run_id = 'of FORCE'"))
        .isEqualTo(TRADES - 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aChangeThatAnotherTransactionCommitsMeanwhileIsSeen(boolean retracts) throws Exception {
    List<Trade> trades = trades();
    write(trades, ClaimMode.REPAIR);
    Trade changed = trade(40, 77);
    CountDownLatch written = new CountDownLatch(1);
    CountDownLatch commit = new CountDownLatch(1);
    CompletableFuture<Boolean> other =
        ConcurrentTask.run(
            () ->
                store.log.transact(
                    null,
                    transaction -> {
                      write(
                          transaction,
                          retracts ? List.of() : List.of(changed),
                          ClaimMode.REPAIR,
                          retracts ? List.of(changed.key()) : List.of());
                      written.countDown();
                      commit.await();
                      return true;
                    }));
    written.await();
    CompletableFuture<Claim> force = ConcurrentTask.run(() -> write(trades, ClaimMode.FORCE));
    await().until(() -> store.waitingForLocks() == 1);
    commit.countDown();
    assertThat(other.get()).isTrue();
    Claim claim = force.get();
    assertThat(claim.changes()).hasSize(TRADES);
    assertThat(claim.changes().get(40))
        .isEqualTo(
            retracts
                ? new TradeChange.Insert(trades.get(40))
                : new TradeChange.Replace(changed.key(), trades.get(40)));
    recomputeCandles();
    assertThat(store.trades()).isEqualTo(trades);
    store.assertCandlesEqualTheirTrades();
    assertThat(
            store.count(
                "select count(*) from sync_log where fingerprint = "
                    + trades.get(40).fingerprint()))
        .isEqualTo(1);
  }
}
