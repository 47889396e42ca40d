package io.tradesync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.LogTransaction;
import io.tradesync.spi.log.LogWork;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.testkit.RandomHistory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random histories in a hypertable whose chunks are compressed, recompressed, decompressed and
 * dropped meanwhile; see {@link RandomHistory}. In some of them the lengths of candles change, too,
 * or the candles are continuous aggregates. A failure names its seed.
 */
class HypertableHistoriesTest {

  private static final List<int[]> LENGTHS =
      List.of(
          new int[] {60, 300, 900},
          new int[] {90, 180},
          new int[] {20, 60, 300},
          new int[] {300},
          new int[] {60, 120, 240},
          new int[] {300, 900});

  private final StoreFixture store = StoreFixture.onTimescale();
  private final ThreadLocal<Connection> transaction = new ThreadLocal<>();
  private int compressed;
  private int dropped;
  private int lengthened;
  private long compared;

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void whateverHappensTheHypertableBecomesEqual() throws Exception {
    // These have chunks enough.
    play(2, 1);
    play(11, 2);
    assertThat(compressed).isPositive();
    assertThat(dropped).isPositive();
  }

  @Test
  void whicheverLengthsOfCandlesAreKeptTheyAgreeWithTheTrades() throws Exception {
    playLengths(CandleStorage.TABLE, 2, 1);
    playLengths(CandleStorage.CONTINUOUS_AGGREGATES, 2, 1);
    assertEverythingHappened();
  }

  @Test
  @Tag("long")
  void whateverHappensForLong() throws Exception {
    play(1_000, 100);
    assertThat(compressed).isPositive();
    assertThat(dropped).isPositive();
  }

  @Test
  @Tag("long")
  void whicheverLengthsForLong() throws Exception {
    playLengths(CandleStorage.TABLE, 1_000, 100);
    assertEverythingHappened();
  }

  @Test
  @Tag("long")
  void whicheverLengthsOfAggregatesForLong() throws Exception {
    playLengths(CandleStorage.CONTINUOUS_AGGREGATES, 1_000, 100);
    assertEverythingHappened();
  }

  private void assertEverythingHappened() {
    assertThat(compressed).isPositive();
    assertThat(dropped).isPositive();
    assertThat(lengthened).isPositive();
    assertThat(compared).isPositive();
  }

  private void playLengths(CandleStorage storage, long firstSeed, int cases) throws Exception {
    for (int i = 0; i < cases; i++) {
      // A database of the test JVM: without any table again.
      StoreFixture ignored = StoreFixture.onTimescale();
      LengthSides sides = new LengthSides(storage, LENGTHS.get(0));
      store.log.prepare();
      store.prepare(sides.sink());
      configure();
      store.execute(sides.remember());
      new RandomHistory<>(firstSeed + i, sides).play();
    }
  }

  private void configure() {
    store.execute("select set_chunk_time_interval('analytics_trades', interval '1 minute')");
    store.execute(
        """
        alter table analytics_trades set (timescaledb.compress,
          timescaledb.compress_segmentby = '', timescaledb.compress_orderby = 'ts, trade_id')\
        """);
  }

  private void play(long firstSeed, int cases) throws Exception {
    store.prepare();
    configure();
    for (int i = 0; i < cases; i++) {
      store.execute(
          """
          delete from sync_log; delete from sync_run; delete from sync_lease;
          delete from sync_service; delete from sync_unverified; delete from sync_tracked_id;
          delete from sync_retention; delete from trade_candles; delete from candle_rebuild;
          update analytics_owner set retained_since = null; truncate analytics_trades\
          """);
      new RandomHistory<>(firstSeed + i, new Sides()).play();
    }
  }

  private class Sides implements RandomHistory.Sides<Connection> {
    private final InMemoryTradeSource source = new InMemoryTradeSource();
    private Optional<Long> boundary = Optional.empty();
    private List<Map<String, Object>> kept = List.of();

    @Override
    public TradeSource source() {
      return source;
    }

    /** The log, whose open transaction reads what the sink holds: there may be one backend only. */
    @Override
    public SyncLog log() {
      return (SyncLog)
          Proxy.newProxyInstance(
              SyncLog.class.getClassLoader(),
              new Class<?>[] {SyncLog.class},
              (proxy, method, args) -> {
                Object[] given = args;
                if (method.getName().equals("transact")) {
                  given = new Object[] {args[0], remembered((LogWork<?>) args[1])};
                }
                try {
                  return method.invoke(store.log, given);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }

    private <R> LogWork<R> remembered(LogWork<R> work) {
      return (LogTransaction open) -> {
        transaction.set((Connection) open.handle());
        try {
          return work.apply(open);
        } finally {
          transaction.remove();
        }
      };
    }

    @Override
    public TransactionalSink<Connection> sink() {
      return store.sink;
    }

    @Override
    public List<Trade> held() {
      return look(StoreFixture::trades);
    }

    <R> R look(HandleCallback<R, RuntimeException> query) {
      Connection open = transaction.get();
      return open == null
          ? store.jdbi.withHandle(query)
          : query.withHandle(Jdbi.create(() -> open).open());
    }

    @Override
    public void change(Collection<String> removed, Collection<Trade> added) {
      removed.forEach(source::remove);
      added.forEach(source::put);
    }

    @Override
    public Optional<String> maintain(Random choice) {
      List<Map<String, Object>> chunks =
          store.rows(
              """
              select format('%I.%I', chunk_schema, chunk_name) as name, is_compressed,
                extract(epoch from range_start)::bigint as start
              from timescaledb_information.chunks
              where hypertable_name = 'analytics_trades'
              order by range_start\
              """);
      if (chunks.size() < 2 || choice.nextInt(4) == 0) {
        return Optional.empty();
      }
      if (choice.nextInt(6) == 0) {
        Object start = chunks.get(1 + choice.nextInt(chunks.size() - 1)).get("start");
        store.execute(
            "select drop_chunks('analytics_trades', older_than => to_timestamp(" + start + "))");
        dropped++;
        return Optional.of("drop the chunks before " + start);
      }
      for (Map<String, Object> chunk : chunks) {
        boolean is = (Boolean) chunk.get("is_compressed");
        if (choice.nextInt(3) > 0) {
          String name = (String) chunk.get("name");
          boolean decompress = is && choice.nextInt(4) == 0;
          // Compressing what is compressed already takes in the rows that were changed since.
          store.execute(
              "select %s('%s', true)"
                  .formatted(decompress ? "decompress_chunk" : "compress_chunk", name));
          compressed++;
        }
      }
      return Optional.of("compress or decompress some of " + chunks.size() + " chunks");
    }

    /** Above the boundary candles equal their trades; below it they stay as they were. */
    @Override
    public void check() {
      Optional<Long> since =
          store.jdbi.withHandle(
              handle ->
                  handle
                      .createQuery("select retained_since from analytics_owner")
                      .mapTo(Long.class)
                      .findOne());
      long from = since.orElse(Long.MIN_VALUE / 2);
      List<Map<String, Object>> shortest = shortest(store.candles());
      List<Map<String, Object>> below = shortest.stream().filter(c -> start(c) < from).toList();
      if (since.equals(boundary)) {
        assertThat(below).isEqualTo(kept);
      }
      boundary = since;
      kept = below;
      assertThat(shortest.stream().filter(c -> start(c) >= from))
          .isEqualTo(shortest(store.recomputed("analytics_trades")));
      assertThat(store.rows(MERGED)).isEmpty();
    }

    @Override
    public void pass(Duration duration) {
      store.pass(duration);
    }

    @Override
    public int maxIds() {
      return 10;
    }

    @Override
    public Duration drift() {
      return Duration.ofSeconds(50);
    }
  }

  /** Sides whose lengths of candles change. */
  private final class LengthSides extends Sides {

    /** The trades of all candles: those that are gone as they were when they were last written. */
    private static final String TRUTH =
        """
        (select * from gone
        union all
        select * from analytics_trades
        where trade_timestamp >= coalesce((select retained_since from analytics_owner), -1))
          as truth\
        """;

    /** Candles that differ from those trades, or that are on one side only. */
    private static final String WRONG =
        """
        with kept as (
          select * from candle_length where complete_since is not null),
        wanted as (
          %s),
        held as (
          select chain_id, pool_id, bucket_seconds, bucket_start, trades, open::text, high::text,
            low::text, close::text, volume::text, quote_volume::text
          from trade_candles
          where bucket_seconds in (select bucket_seconds from kept)),
        wrong as (
          (table held except table wanted)
          union all
          (select w.* from wanted as w join kept using (bucket_seconds)
            where bucket_start >= kept_since
            except table held))
        select wrong.*
        from wrong
        where not exists (select from candle_refresh)
          and (chain_id, pool_id, bucket_seconds, bucket_start) not in (
            select chain_id, pool_id, bucket_seconds, bucket_start from candle_rebuild)\
        """
            .formatted(StoreFixture.recomputation(TRUTH, "array(select bucket_seconds from kept)"));

    private final CandleStorage storage;
    private TimescaleSink current;

    LengthSides(CandleStorage storage, int[] lengths) {
      this.storage = storage;
      this.current = sinkOf(lengths);
    }

    private TimescaleSink sinkOf(int[] lengths) {
      return TimescaleSink.builder().candles(storage).bucketSeconds(lengths).build();
    }

    String remember() {
      return """
      drop table if exists gone, seen;
      create table gone as table analytics_trades;
      create table seen as table analytics_trades\
      """;
    }

    /** A sink that is the same for engines, whichever lengths it keeps now. */
    @Override
    @SuppressWarnings("unchecked")
    public TransactionalSink<Connection> sink() {
      return (TransactionalSink<Connection>)
          Proxy.newProxyInstance(
              TransactionalSink.class.getClassLoader(),
              new Class<?>[] {TransactionalSink.class},
              (proxy, method, args) -> {
                if (method.getName().equals("workAfterCommit")) {
                  // Done by check, since the log of a history offers none.
                  return Optional.empty();
                }
                try {
                  return method.invoke(current, args);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }

    /** Other lengths can raise the boundary above trades that are still there. */
    @Override
    public List<Trade> held() {
      return look(
          handle -> {
            long since =
                handle
                    .createQuery("select coalesce(max(retained_since), -1) from analytics_owner")
                    .mapTo(Long.class)
                    .one();
            return StoreFixture.trades(handle).stream()
                .filter(trade -> trade.epochSecond() >= since)
                .toList();
          });
    }

    @Override
    public Optional<String> maintain(Random choice) {
      if (choice.nextInt(3) > 0) {
        return super.maintain(choice);
      }
      int[] lengths = LENGTHS.get(choice.nextInt(LENGTHS.size()));
      current = sinkOf(lengths);
      try {
        store.prepare(current);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      lengthened++;
      return Optional.of("keep candles of " + Arrays.toString(lengths));
    }

    /** Each candle agrees with all of its trades, also with those that are gone. */
    @Override
    public void check() {
      try {
        while (storage == CandleStorage.CONTINUOUS_AGGREGATES && store.workAfterCommit(current)) {
          // until everything is refreshed
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      // What the boundary has risen past is as it was when it was looked at before.
      store.execute(
          """
          insert into gone
          select * from seen
          where trade_timestamp < (select retained_since from analytics_owner);
          truncate seen;
          insert into seen
          select * from analytics_trades
          where trade_timestamp >= coalesce((select retained_since from analytics_owner), -1)\
          """);
      List<Map<String, Object>> wrong =
          store.jdbi.withHandle(
              handle -> {
                // To compile the statement takes longer than to execute it.
                handle.execute("set jit = off");
                return handle.createQuery(WRONG).mapToMap().list();
              });
      assertThat(wrong).isEmpty();
      compared += store.count("select count(*) from trade_candles");
    }
  }

  private static List<Map<String, Object>> shortest(List<Map<String, Object>> candles) {
    return candles.stream().filter(c -> c.get("bucket_seconds").equals(60)).toList();
  }

  private static long start(Map<String, Object> candle) {
    return ((Timestamp) candle.get("bucket_start")).toInstant().getEpochSecond();
  }

  /** The longer candles that differ from those of a minute, which are kept. */
  private static final String MERGED =
      """
      with lengths as (
        select unnest(array[300, 900, 3600, 86400]) as seconds),
      merged as (
        select chain_id, pool_id, seconds,
          to_timestamp(floor(extract(epoch from bucket_start) / seconds) * seconds) as start,
          (array_agg(open order by bucket_start))[1] as open, max(high) as high, min(low) as low,
          (array_agg(close order by bucket_start desc))[1] as close, sum(volume) as volume,
          sum(quote_volume) as quote_volume, sum(trades)::bigint as trades
        from trade_candles cross join lengths
        where bucket_seconds = 60
        group by 1, 2, 3, 4),
      held as (
        select chain_id, pool_id, bucket_seconds as seconds, bucket_start as start, open, high, low,
          close, volume, quote_volume, trades
        from trade_candles
        where bucket_seconds > 60)
      (table merged except table held) union all (table held except table merged)\
      """;
}
