package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.fixture.PostgresServer;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.math.BigDecimal;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random changes of several writers to candles of random sets of lengths, which change between. In
 * every look from outside each candle agrees with the rows of the same look, unless it is marked.
 */
class RandomCandlesTest {

  private static final long T = 1_754_400_000L;
  private static final int WRITERS = 3;

  private static final List<int[]> LENGTHS =
      List.of(
          new int[] {60, 300, 900, 3_600, 86_400},
          new int[] {60, 300, 900},
          new int[] {60, 90, 420},
          new int[] {60},
          new int[] {1},
          new int[] {1, 7, 60, 420},
          new int[] {86_400});

  /** A candle that differs, or is there on one side only, and is not marked. */
  private static final String WRONG =
      """
      with kept as (
        select array_agg(bucket_seconds) as lengths from candle_length),
      expected as (
        %s),
      held as (
        select chain_id, pool_id, bucket_seconds, bucket_start, trades, open::text, high::text,
          low::text, close::text, volume::text, quote_volume::text, open_timestamp, open_id,
          close_timestamp, close_id
        from trade_candles
        where bucket_seconds = any (array(select unnest(lengths) from kept))),
      keys as (
        select chain_id, pool_id, bucket_seconds, bucket_start,
          min(trade_timestamp) as open_timestamp, max(trade_timestamp) as close_timestamp,
          (array_agg(trade_id order by trade_timestamp, trade_id))[1] as open_id,
          (array_agg(trade_id order by trade_timestamp desc, trade_id desc))[1] as close_id
        from (
          select *, to_timestamp(
            floor(trade_timestamp::numeric / bucket_seconds) * bucket_seconds) as bucket_start
          from analytics_trades, kept, unnest(lengths) as bucket_seconds
          where price is not null and quantity is not null) as t
        group by chain_id, pool_id, bucket_seconds, bucket_start),
      wanted as (
        select e.*, k.open_timestamp, k.open_id, k.close_timestamp, k.close_id
        from expected as e
        join keys as k using (chain_id, pool_id, bucket_seconds, bucket_start))
      select 'wanted ' || wanted::text
      from wanted
      where not exists (select from held where held = wanted)
        and (chain_id, pool_id, bucket_seconds, bucket_start) not in (
          select chain_id, pool_id, bucket_seconds, bucket_start from candle_rebuild)
      union all
      select 'held ' || held::text
      from held
      where not exists (select from wanted where held = wanted)
        and (chain_id, pool_id, bucket_seconds, bucket_start) not in (
          select chain_id, pool_id, bucket_seconds, bucket_start from candle_rebuild)\
      """
          .formatted(
              StoreFixture.recomputation(
                  "analytics_trades", "array(select unnest(lengths) from kept)"));

  private static StoreFixture store;

  @BeforeAll
  static void create() throws Exception {
    PostgresServer.Database database = PostgresServer.get().newDatabase();
    store = new StoreFixture(database);
    store.prepare();
  }

  @AfterAll
  static void drop() {
    store.database.close();
  }

  @Test
  void candlesOfAnyLengthsEqualTheirTrades() throws Exception {
    play(new Random().nextLong(), 12);
  }

  @Test
  @Tag("long")
  void candlesOfAnyLengthsEqualTheirTradesForLong() throws Exception {
    play(0, 300);
  }

  private static void play(long firstSeed, int cases) throws Exception {
    for (long seed = firstSeed; seed < firstSeed + cases; seed++) {
      try {
        new History(new Random(seed)).play();
      } catch (Exception | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  private static final class History {

    private final Random random;
    private final List<Map<String, Trade>> held = new ArrayList<>();

    History(Random random) {
      this.random = random;
    }

    void play() throws Exception {
      store.execute("delete from analytics_trades; delete from trade_candles");
      store.execute("delete from candle_rebuild; delete from candle_length");
      for (int writer = 0; writer < WRITERS; writer++) {
        held.add(new TreeMap<>());
      }
      for (int epoch = 0; epoch < 3; epoch++) {
        int[] lengths = LENGTHS.get(random.nextInt(LENGTHS.size()));
        TimescaleSink sink = TimescaleSink.builder().bucketSeconds(lengths).build();
        store.prepare(sink);
        writeAndLook(sink);
        assertRight();
        if (random.nextBoolean()) {
          while (completeDeferred(sink)) {
            // until nothing is left
          }
          assertThat(store.count("select count(*) from candle_rebuild")).isZero();
          assertThat(store.count("select count(*) from candle_length where complete_since is null"))
              .isZero();
          assertRight();
        }
      }
    }

    private void writeAndLook(TimescaleSink sink) throws Exception {
      ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 2);
      try {
        AtomicBoolean ended = new AtomicBoolean();
        List<Future<?>> writers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
          Random own = new Random(random.nextLong());
          String name = "w" + writer + "-";
          Map<String, Trade> mine = held.get(writer);
          writers.add(threads.submit(repeat(8, () -> write(sink, own, name, mine))));
        }
        Future<?> completion =
            random.nextBoolean()
                ? threads.submit(repeat(8, () -> completeDeferred(sink)))
                : threads.submit(() -> {});
        Future<?> looks =
            threads.submit(
                () -> {
                  while (!ended.get()) {
                    assertRight();
                  }
                });
        for (Future<?> writer : writers) {
          writer.get();
        }
        completion.get();
        ended.set(true);
        looks.get();
      } finally {
        threads.shutdown();
      }
    }

    private static Callable<Void> repeat(int times, Callable<?> call) {
      return () -> {
        for (int i = 0; i < times; i++) {
          call.call();
        }
        return null;
      };
    }

    private static boolean completeDeferred(TimescaleSink sink) throws Exception {
      return store.log.transact(
          null, transaction -> sink.completeDeferred((Connection) transaction.handle()));
    }

    private static boolean write(
        TimescaleSink sink, Random random, String name, Map<String, Trade> mine) throws Exception {
      List<TradeChange> changes = new ArrayList<>();
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        ids.add(name + i);
      }
      Collections.shuffle(ids, random);
      for (String id : ids.subList(0, 1 + random.nextInt(12))) {
        Trade old = mine.remove(id);
        if (old != null && random.nextInt(3) == 0) {
          changes.add(new TradeChange.Retract(old.key()));
          continue;
        }
        Trade trade = trade(random, id, old);
        mine.put(id, trade);
        changes.add(
            old == null
                ? new TradeChange.Insert(trade)
                : new TradeChange.Replace(old.key(), trade));
      }
      changes.sort((a, b) -> a.key().compareTo(b.key()));
      boolean forced = random.nextInt(6) == 0;
      return store.log.transact(
          null,
          transaction -> {
            sink.write(
                new TradeBatch("analytics", "key", forced, changes),
                (Connection) transaction.handle());
            return true;
          });
    }

    private static Trade trade(Random random, String id, Trade old) {
      boolean stays = old != null && random.nextInt(3) > 0;
      TradeKey key = stays ? old.key() : new TradeKey(T + random.nextInt(500), id);
      String pool = random.nextInt(4) == 0 ? "q" : "p";
      Trade.Builder trade = Trade.builder(id, key.epochSecond(), 1, pool);
      if (random.nextInt(8) > 0) {
        trade.price(BigDecimal.valueOf(random.nextInt(6)));
      }
      if (random.nextInt(8) > 0) {
        trade.quantity(BigDecimal.valueOf(random.nextInt(6)));
      }
      return trade.build();
    }

    private static void assertRight() {
      List<String> wrong =
          store.jdbi.withHandle(handle -> handle.createQuery(WRONG).mapTo(String.class).list());
      assertThat(wrong).isEmpty();
    }
  }
}
