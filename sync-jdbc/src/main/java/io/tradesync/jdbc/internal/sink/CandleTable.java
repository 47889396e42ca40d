package io.tradesync.jdbc.internal.sink;

import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows of {@code trade_candles}. Whoever changes candles locks their rows first, in the order
 * of their key, and has written the trades before. So a computation under a candle's lock sees of
 * another batch either everything, or nothing and is then added to.
 */
public final class CandleTable {

  private static final Logger LOG = LoggerFactory.getLogger(CandleTable.class);
  private static final int REBUILT_AT_ONCE = 500;

  private final String add;
  private final String recompute;
  private final String deleteEmpty;
  private final String mark;
  private final String markAll;
  private final String marked;
  private final String unmark;

  public CandleTable(String schema) {
    String candles = Identifiers.quote(schema, "trade_candles");
    String trades = Identifiers.quote(schema, "analytics_trades");
    String rebuild = Identifiers.quote(schema, "candle_rebuild");
    String buckets =
        """
        select chain_id, pool_id, bucket_seconds, to_timestamp(start_second) as bucket_start
        from unnest(?, ?, ?, ?) as b (chain_id, pool_id, bucket_seconds, start_second)""";

    // A row of nothing (trades 0, the rest null) only locks; greatest and least pass nulls over.
    this.add =
        """
        insert into %1$s as c (chain_id, pool_id, bucket_seconds, bucket_start, open, high, low, close,
          volume, quote_volume, trades, open_timestamp, open_id, close_timestamp, close_id)
        select chain_id, pool_id, bucket_seconds, to_timestamp(start_second), open, high, low, close,
          volume, quote_volume, trades, open_timestamp, open_id, close_timestamp, close_id
        from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) as d (
          chain_id, pool_id, bucket_seconds, start_second, open, high, low, close, volume,
          quote_volume, trades, open_timestamp, open_id, close_timestamp, close_id)
        on conflict (chain_id, pool_id, bucket_seconds, bucket_start) do update set
          open = case when %2$s then excluded.open else c.open end,
          open_timestamp = case when %2$s then excluded.open_timestamp else c.open_timestamp end,
          open_id = case when %2$s then excluded.open_id else c.open_id end,
          close = case when %3$s then excluded.close else c.close end,
          close_timestamp = case when %3$s then excluded.close_timestamp else c.close_timestamp end,
          close_id = case when %3$s then excluded.close_id else c.close_id end,
          high = greatest(c.high, excluded.high),
          low = least(c.low, excluded.low),
          volume = c.volume + excluded.volume,
          quote_volume = c.quote_volume + excluded.quote_volume,
          trades = c.trades + excluded.trades"""
            .formatted(candles, goesFirst("open", "<"), goesFirst("close", ">"));

    // Retention drops the oldest rows: a candle is whole if there is an older row, or if its trades
    // are as many as it counts, more or less what the batch put in and took out.
    this.recompute =
        """
        with b as (
          select chain_id, pool_id, bucket_seconds, to_timestamp(start_second) as bucket_start, more
          from unnest(?, ?, ?, ?, ?) as b (chain_id, pool_id, bucket_seconds, start_second, more)),
        computed as (
          select b.*, s.*, f.*, l.*,
            exists (select 1 from %2$s t where t.ts < b.bucket_start) as older
          from b
          cross join lateral (
            select count(*) as trades, max(price) as high, min(price) as low,
              coalesce(sum(quantity), 0) as volume, coalesce(sum(volume), 0) as quote_volume
            from %2$s t
            where %3$s) as s
          left join lateral (
            select price as open, trade_timestamp as open_timestamp, trade_id as open_id
            from %2$s t
            where %3$s
            order by ts, trade_id limit 1) as f on true
          left join lateral (
            select price as close, trade_timestamp as close_timestamp, trade_id as close_id
            from %2$s t
            where %3$s
            order by ts desc, trade_id desc limit 1) as l on true
        )
        update %1$s as c set open = n.open, high = n.high, low = n.low, close = n.close,
          volume = n.volume, quote_volume = n.quote_volume, trades = n.trades,
          open_timestamp = n.open_timestamp, open_id = n.open_id,
          close_timestamp = n.close_timestamp, close_id = n.close_id
        from computed as n
        where %4$s and (n.older or n.trades >= c.trades + n.more)"""
            .formatted(
                candles,
                trades,
                """
                t.chain_id = b.chain_id and t.pool_id = b.pool_id
                and t.ts >= b.bucket_start
                and t.ts < b.bucket_start + b.bucket_seconds * interval '1 second'
                and t.price is not null and t.quantity is not null""",
                sameBucket("c", "n"));
    this.deleteEmpty =
        "with b as (%s) delete from %s c using b where c.trades = 0 and %s"
            .formatted(buckets, candles, sameBucket("c", "b"));
    this.mark = "insert into %s %s on conflict do nothing".formatted(rebuild, buckets);
    this.markAll =
        """
        insert into %s
        select distinct chain_id, pool_id, ?::integer,
          to_timestamp(floor(trade_timestamp::numeric / ?) * ?)
        from %s
        on conflict do nothing"""
            .formatted(rebuild, trades);
    this.marked =
        """
        select chain_id, pool_id, bucket_seconds, extract(epoch from bucket_start)::bigint
        from %s order by chain_id, pool_id, bucket_seconds, bucket_start limit %d"""
            .formatted(rebuild, REBUILT_AT_ONCE);
    this.unmark =
        "with b as (%s) delete from %s r using b where %s"
            .formatted(buckets, rebuild, sameBucket("r", "b"));
  }

  /** Whether what is added opens or closes the candle; null, hence not, where it has no trade. */
  private static String goesFirst(String end, String order) {
    return """
        (c.%1$s_timestamp is null
          or (excluded.%1$s_timestamp, excluded.%1$s_id) %2$s (c.%1$s_timestamp, c.%1$s_id))"""
        .formatted(end, order);
  }

  private static String sameBucket(String a, String b) {
    return """
        (%1$s.chain_id, %1$s.pool_id, %1$s.bucket_seconds, %1$s.bucket_start)
          = (%2$s.chain_id, %2$s.pool_id, %2$s.bucket_seconds, %2$s.bucket_start)"""
        .formatted(a, b);
  }

  /**
   * Adds what new trades add, and computes other candles anew from their trades.
   *
   * @param added what new trades add to their candles; not to those that are computed anew
   * @param recomputed candles to be computed anew, each with how many trades more (or fewer) it
   *     must have than it counts
   */
  public void apply(
      Connection connection,
      SortedMap<CandleKey, Candle> added,
      SortedMap<CandleKey, Long> recomputed)
      throws SQLException {
    SortedMap<CandleKey, Candle> touched = new TreeMap<>(added);
    recomputed.keySet().forEach(bucket -> touched.put(bucket, Candle.NOTHING));
    add(connection, touched);
    if (!recomputed.isEmpty()) {
      recompute(connection, recomputed);
    }
  }

  private void add(Connection connection, SortedMap<CandleKey, Candle> candles)
      throws SQLException {
    if (candles.isEmpty()) {
      return;
    }
    Collection<Candle> values = candles.values();
    try (SqlArrays arrays = new SqlArrays(connection);
        PreparedStatement statement = connection.prepareStatement(add)) {
      buckets(statement, arrays, candles.keySet());
      statement.setArray(5, arrays.of("numeric", values, Candle::open));
      statement.setArray(6, arrays.of("numeric", values, Candle::high));
      statement.setArray(7, arrays.of("numeric", values, Candle::low));
      statement.setArray(8, arrays.of("numeric", values, Candle::close));
      statement.setArray(9, arrays.of("numeric", values, Candle::volume));
      statement.setArray(10, arrays.of("numeric", values, Candle::quoteVolume));
      statement.setArray(11, arrays.of("bigint", values, Candle::trades));
      statement.setArray(12, arrays.of("bigint", values, candle -> second(candle.first())));
      statement.setArray(13, arrays.of("text", values, candle -> id(candle.first())));
      statement.setArray(14, arrays.of("bigint", values, candle -> second(candle.last())));
      statement.setArray(15, arrays.of("text", values, candle -> id(candle.last())));
      statement.executeUpdate();
    }
  }

  private static @Nullable Long second(@Nullable TradeKey key) {
    return key == null ? null : key.epochSecond();
  }

  private static @Nullable String id(@Nullable TradeKey key) {
    return key == null ? null : key.id();
  }

  /** Computes candles whose rows are locked; drops those without a trade. */
  private void recompute(Connection connection, SortedMap<CandleKey, Long> buckets)
      throws SQLException {
    try (SqlArrays arrays = new SqlArrays(connection)) {
      try (PreparedStatement statement = connection.prepareStatement(recompute)) {
        buckets(statement, arrays, buckets.keySet());
        statement.setArray(5, arrays.of("bigint", buckets.values(), more -> more));
        int done = statement.executeUpdate();
        if (done < buckets.size()) {
          LOG.warn(
              "{} candles from {} on are left as they are: trades of theirs are gone, as by a"
                  + " retention policy",
              buckets.size() - done,
              buckets.firstKey());
        }
      }
      execute(connection, deleteEmpty, arrays, buckets.keySet());
    }
  }

  /** Marks candles to be computed anew. */
  public void rebuildLater(Connection connection, SortedSet<CandleKey> buckets)
      throws SQLException {
    if (!buckets.isEmpty()) {
      try (SqlArrays arrays = new SqlArrays(connection)) {
        execute(connection, mark, arrays, buckets);
      }
    }
  }

  /** Marks all candles of a length to be computed anew. */
  public void rebuildAll(Connection connection, int seconds) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(markAll)) {
      statement.setInt(1, seconds);
      statement.setInt(2, seconds);
      statement.setInt(3, seconds);
      statement.executeUpdate();
    }
  }

  /**
   * Computes some of the marked candles anew.
   *
   * @return whether there may be more
   */
  public boolean rebuildSome(Connection connection) throws SQLException {
    SortedSet<CandleKey> buckets = new TreeSet<>();
    try (PreparedStatement statement = connection.prepareStatement(marked);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        buckets.add(
            new CandleKey(rows.getLong(1), rows.getString(2), rows.getInt(3), rows.getLong(4)));
      }
    }
    if (buckets.isEmpty()) {
      return false;
    }
    SortedMap<CandleKey, Long> recomputed = new TreeMap<>();
    buckets.forEach(bucket -> recomputed.put(bucket, 0L));
    apply(connection, new TreeMap<>(), recomputed);
    try (SqlArrays arrays = new SqlArrays(connection)) {
      execute(connection, unmark, arrays, buckets);
    }
    return buckets.size() == REBUILT_AT_ONCE;
  }

  private static void execute(
      Connection connection, String sql, SqlArrays arrays, Collection<CandleKey> buckets)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      buckets(statement, arrays, buckets);
      statement.executeUpdate();
    }
  }

  private static void buckets(
      PreparedStatement statement, SqlArrays arrays, Collection<CandleKey> buckets)
      throws SQLException {
    statement.setArray(1, arrays.of("bigint", buckets, CandleKey::chainId));
    statement.setArray(2, arrays.of("text", buckets, CandleKey::poolId));
    statement.setArray(3, arrays.of("integer", buckets, CandleKey::seconds));
    statement.setArray(4, arrays.of("bigint", buckets, CandleKey::startEpochSecond));
  }
}
