package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TradeChange;
import java.math.BigDecimal;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Candles in continuous aggregates and candles in a table, of the same random changes, have the
 * same rows as soon as everything is refreshed. A failure names its seed.
 */
class AggregateHistoriesTest {

  private static final long T = 1_754_400_000L;

  private static final List<int[]> LENGTHS =
      List.of(
          new int[] {60, 300, 900, 3_600, 86_400},
          new int[] {60, 90, 360},
          new int[] {1, 30, 60},
          new int[] {1, 7, 60, 420},
          new int[] {604_800});

  /** Those whose candles begin when TimescaleDB's own do, which older versions need. */
  private static final int ALIGNED = 3;

  // What a collation orders otherwise than by bytes, or does not tell apart.
  private static final List<String> IDS =
      List.of("a", "B", "b", "\u00e9", "e\u0301", "10", "9", "_", "-", "0x1", "a0", "\ud83d\ude00");

  private final StoreFixture store = StoreFixture.onTimescale();
  private int compared;
  private List<int[]> choice = LENGTHS;

  @AfterEach
  void close() {
    store.execute("drop schema if exists held_in_table cascade");
    store.execute("drop schema if exists held_in_aggregates cascade");
    store.close();
  }

  @Test
  void bothKindsHoldTheSameCandles() throws Exception {
    play(1, 2);
  }

  @Test
  @Tag("long")
  void bothKindsHoldTheSameCandlesForLong() throws Exception {
    play(1_000, 150);
  }

  private void play(long firstSeed, int cases) throws Exception {
    store.log.prepare();
    boolean isNew =
        store.count(
                """
                select count(*) from pg_extension
                where extname = 'timescaledb'
                  and string_to_array(split_part(extversion, '-', 1), '.')::int[] >= array[2, 25, 2]\
                """)
            == 1;
    choice = LENGTHS.subList(0, isNew ? LENGTHS.size() : ALIGNED);
    for (long seed = firstSeed; seed < firstSeed + cases; seed++) {
      try {
        new History(new Random(seed)).play();
      } catch (Exception | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertThat(compared).isPositive();
  }

  private static TimescaleSink.Builder sink(CandleStorage candles) {
    return TimescaleSink.builder()
        .schema(candles == CandleStorage.TABLE ? "held_in_table" : "held_in_aggregates")
        .candles(candles);
  }

  private final class History {
    private final Random random;
    private final Map<String, Trade> held = new TreeMap<>();
    private TimescaleSink table;
    private TimescaleSink aggregates;
    private long since = T;

    History(Random random) {
      this.random = random;
    }

    void play() throws Exception {
      store.execute("drop schema if exists held_in_table cascade");
      store.execute("drop schema if exists held_in_aggregates cascade");
      boolean drops = random.nextBoolean();
      int[] lengths = choice.get(random.nextInt(choice.size()));
      for (int epoch = 0; epoch < 3; epoch++) {
        if (!drops) {
          lengths = choice.get(random.nextInt(choice.size()));
        }
        table = sink(CandleStorage.TABLE).bucketSeconds(lengths).build();
        aggregates = sink(CandleStorage.CONTINUOUS_AGGREGATES).bucketSeconds(lengths).build();
        store.prepare(table);
        store.prepare(aggregates);
        if (epoch == 0) {
          inBoth("select set_chunk_time_interval('%s.analytics_trades', interval '2 minutes')");
        }
        for (int i = 0; i < 5; i++) {
          write();
          if (random.nextInt(3) == 0) {
            boolean ignored = store.workAfterCommit(aggregates);
          }
        }
        assertEqual();
      }
      if (drops) {
        drop();
        for (int i = 0; i < 3; i++) {
          write();
        }
        assertEqual();
      }
    }

    private void inBoth(String sql) {
      store.execute("select 1 from (" + sql.formatted("held_in_table") + ") as t");
      store.execute("select 1 from (" + sql.formatted("held_in_aggregates") + ") as t");
    }

    /** Drops old chunks, and says so to both sinks. */
    private void drop() throws Exception {
      long before = T + 120 * (1 + random.nextInt(4));
      inBoth(
          "select drop_chunks('%s.analytics_trades', older_than => to_timestamp(" + before + "))");
      for (TimescaleSink sink : List.of(table, aggregates)) {
        since =
            store.log.transact(
                null,
                transaction ->
                    sink.retention(
                            Optional.of(new TradeKey(T - 1_000_000, "old")),
                            (Connection) transaction.handle())
                        .since()
                        .orElse(T));
      }
      held.values().removeIf(trade -> trade.epochSecond() < since);
    }

    private void write() throws Exception {
      List<TradeChange> batch = new ArrayList<>();
      List<String> ids = new ArrayList<>(IDS);
      Collections.shuffle(ids, random);
      for (String id : ids.subList(0, 1 + random.nextInt(6))) {
        Trade old = held.remove(id);
        if (old != null && random.nextInt(3) == 0) {
          batch.add(new TradeChange.Retract(old.key()));
          continue;
        }
        Trade trade = trade(id, old);
        held.put(id, trade);
        batch.add(
            old == null
                ? new TradeChange.Insert(trade)
                : new TradeChange.Replace(old.key(), trade));
      }
      batch.sort((a, b) -> a.key().compareTo(b.key()));
      boolean forced = random.nextInt(5) == 0;
      boolean ignored =
          store.log.transact(
              null,
              transaction -> {
                TradeBatch given = new TradeBatch("analytics", "key", forced, batch);
                table.write(given, (Connection) transaction.handle());
                aggregates.write(given, (Connection) transaction.handle());
                return true;
              });
    }

    private Trade trade(String id, Trade old) {
      boolean stays = old != null && random.nextInt(3) > 0;
      // Few seconds, so that trades share one.
      long second = since + 40 * random.nextInt(15);
      TradeKey key = stays ? old.key() : new TradeKey(second, id);
      Trade.Builder trade =
          Trade.builder(id, key.epochSecond(), 1, random.nextInt(4) == 0 ? "q" : "p");
      if (random.nextInt(8) > 0) {
        trade.price(new BigDecimal(random.nextInt(6)).movePointLeft(random.nextInt(3)));
      }
      if (random.nextInt(8) > 0) {
        trade.quantity(BigDecimal.valueOf(random.nextInt(6)));
      }
      return trade.build();
    }

    private void assertEqual() throws Exception {
      while (store.completeDeferred(table)) {
        // until nothing is left
      }
      while (store.workAfterCommit(aggregates)) {
        // until nothing is left
      }
      for (String left : List.of("candle_refresh", "candle_rebuild")) {
        assertThat(store.count("select count(*) from held_in_aggregates." + left)).isZero();
      }
      List<Map<String, Object>> held = candles("held_in_aggregates");
      assertThat(held).isEqualTo(candles("held_in_table"));
      compared += held.size();
    }
  }

  private List<Map<String, Object>> candles(String schema) {
    return store.rows(
        """
        select chain_id, pool_id, bucket_seconds, bucket_start, trades, trim_scale(open) as open,
          trim_scale(high) as high, trim_scale(low) as low, trim_scale(close) as close,
          trim_scale(volume) as volume, trim_scale(quote_volume) as quote_volume, open_timestamp,
          open_id, close_timestamp, close_id
        from %1$s.trade_candles
        where bucket_seconds in (select bucket_seconds from %1$s.candle_length)
        order by chain_id, pool_id, bucket_seconds, bucket_start\
        """
            .formatted(schema));
  }
}
