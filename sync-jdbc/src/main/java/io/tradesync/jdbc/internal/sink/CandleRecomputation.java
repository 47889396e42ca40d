package io.tradesync.jdbc.internal.sink;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summarizingLong;
import static java.util.stream.Collectors.toList;

import io.tradesync.jdbc.internal.sink.CandleLengths.CandleLength;
import io.tradesync.jdbc.internal.sql.PlanWithValues;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recomputes candles from the candles of the longest complete length that divides theirs, or, if
 * there is none, from their rows of {@code analytics_trades}.
 */
final class CandleRecomputation {

  private static final Logger LOG = LoggerFactory.getLogger(CandleRecomputation.class);

  // All candles have one length. The rows of a span are read once for all of its pools, those of
  // other pools are not sorted, and sums are joined to the candles, not rows: PostgreSQL expects
  // few rows of a span, and would compare each row with each candle.
  // The statement must be an update: in its plan TimescaleDB reads each compressed chunk in both
  // forms, so that no row is missed that another transaction decompresses; see TradeTable.
  private static final String FROM_ROWS =
      """
      with k as (
        select chain_id, pool_id, bucket_seconds,
          to_timestamp(start_second) as bucket_start,
          to_timestamp(start_second + bucket_seconds) as bucket_end
        from unnest(
          cast(:chainIds as bigint[]), cast(:poolIds as text[]), cast(:lengths as integer[]),
          cast(:starts as bigint[])) as u (chain_id, pool_id, bucket_seconds, start_second)),
      spans as (
        select bucket_start, bucket_end, array_agg(pool_id) as pools
        from k
        group by bucket_start, bucket_end),
      n as materialized (
        select spans.bucket_start, sums.*
        from spans
        cross join lateral (
          select chain_id, pool_id, count(*) as trades, max(price) as high, min(price) as low,
            sum(quantity) as volume, sum(volume) as quote_volume,
            max(price) filter (where is_first) as open,
            max(trade_timestamp) filter (where is_first) as open_timestamp,
            max(trade_id) filter (where is_first) as open_id,
            max(price) filter (where is_last) as close,
            max(trade_timestamp) filter (where is_last) as close_timestamp,
            max(trade_id) filter (where is_last) as close_id
          from (
            select chain_id, pool_id, price, quantity, volume, trade_timestamp, trade_id,
              lag(trade_id) over in_order is null as is_first,
              lead(trade_id) over in_order is null as is_last
            from :"schema".analytics_trades
            where ts >= spans.bucket_start and ts < spans.bucket_end
              and ts >= to_timestamp(:from) and ts < to_timestamp(:to)
              and pool_id = any (spans.pools)
              and price is not null and quantity is not null
            window in_order as (
              partition by chain_id, pool_id order by trade_timestamp, trade_id)) as t
          group by chain_id, pool_id) as sums)
      update :"schema".trade_candles as c set
        open = n.open, open_timestamp = n.open_timestamp, open_id = n.open_id,
        close = n.close, close_timestamp = n.close_timestamp, close_id = n.close_id,
        high = n.high, low = n.low, volume = coalesce(n.volume, 0),
        quote_volume = coalesce(n.quote_volume, 0), trades = coalesce(n.trades, 0)
      from k
      left join n using (bucket_start, chain_id, pool_id)
      cross join lateral {held}
      where c.ctid = held.row_id
        and coalesce(k.bucket_start >= to_timestamp({boundary}), true)
      returning c.chain_id, c.pool_id, c.bucket_seconds, extract(epoch from c.bucket_start)::bigint,
        c.trades = 0\
      """;

  private static final String FROM_PARTS =
      """
      with merged as (
        update :"schema".trade_candles as c set
          open = n.open, open_timestamp = n.open_timestamp, open_id = n.open_id,
          close = n.close, close_timestamp = n.close_timestamp, close_id = n.close_id,
          high = n.high, low = n.low, volume = coalesce(n.volume, 0),
          quote_volume = coalesce(n.quote_volume, 0), trades = coalesce(n.trades, 0)
        from (
          select chain_id, pool_id, bucket_seconds, part_seconds,
            to_timestamp(start_second) as bucket_start,
            to_timestamp(start_second + bucket_seconds) as bucket_end
          from unnest(
            cast(:chainIds as bigint[]), cast(:poolIds as text[]), cast(:lengths as integer[]),
            cast(:starts as bigint[]), cast(:parts as integer[])) as u (
              chain_id, pool_id, bucket_seconds, start_second, part_seconds)) as k
        cross join lateral (
          select sum(trades) as trades, max(high) as high, min(low) as low, sum(volume) as volume,
            sum(quote_volume) as quote_volume,
            (array_agg(open order by bucket_start))[1] as open,
            (array_agg(open_timestamp order by bucket_start))[1] as open_timestamp,
            (array_agg(open_id order by bucket_start))[1] as open_id,
            (array_agg(close order by bucket_start desc))[1] as close,
            (array_agg(close_timestamp order by bucket_start desc))[1] as close_timestamp,
            (array_agg(close_id order by bucket_start desc))[1] as close_id
          from :"schema".trade_candles as part
          where part.chain_id = k.chain_id and part.pool_id = k.pool_id
            and part.bucket_seconds = k.part_seconds
            and part.bucket_start >= k.bucket_start and part.bucket_start < k.bucket_end
            and part.trades > 0) as n
        cross join lateral {held}
        where c.ctid = held.row_id
        returning c.chain_id, c.pool_id, c.bucket_seconds, c.bucket_start, c.trades)
      select chain_id, pool_id, bucket_seconds, extract(epoch from bucket_start)::bigint
      from merged
      where trades = 0\
      """;

  private static final String DELETE_EMPTY =
      """
      delete from :"schema".trade_candles as c
      using {keys} as k
      cross join lateral {held}
      where c.ctid = held.row_id and c.trades = 0\
      """;

  private final String fromRows;
  private final String fromParts;
  private final String deleteEmpty;

  CandleRecomputation(String schema) {
    SqlNames names =
        SqlNames.inSchema(
            schema,
            Map.of(
                "keys",
                CandleKey.KEYS,
                "held",
                CandleKey.HELD,
                "boundary",
                TradeRetention.BOUNDARY));
    this.fromRows = names.fill(FROM_ROWS);
    this.fromParts = names.fill(FROM_PARTS);
    this.deleteEmpty = names.fill(DELETE_EMPTY);
  }

  /**
   * Recomputes candles whose rows are locked, and those of all longer candles over them; shorter
   * candles first. A candle some of whose trades were dropped stays as it is, and one that begins
   * before its length is kept is left out.
   *
   * @param lengths the lengths that are kept, ascending
   * @return the candles that may have no trade now
   */
  Set<CandleKey> recompute(
      Handle handle, Collection<CandleKey> candles, List<CandleLength> lengths) {
    Set<CandleKey> empty = new HashSet<>();
    SortedMap<Integer, List<CandleKey>> byLength =
        candles.stream()
            .filter(
                key ->
                    lengths.stream()
                        .anyMatch(length -> length.seconds() == key.seconds() && length.holds(key)))
            .collect(groupingBy(CandleKey::seconds, TreeMap::new, toList()));
    for (List<CandleKey> ofLength : byLength.values()) {
      SortedMap<CandleKey, Integer> merged = new TreeMap<>();
      SortedSet<CandleKey> counted = new TreeSet<>();
      for (CandleKey key : ofLength) {
        OptionalInt part =
            lengths.stream()
                .filter(length -> length.isPartOf(key))
                .mapToInt(CandleLength::seconds)
                .max();
        part.ifPresentOrElse(seconds -> merged.put(key, seconds), () -> counted.add(key));
      }
      fromRows(handle, counted, empty);
      fromParts(handle, merged, empty);
    }
    return empty;
  }

  private void fromRows(Handle handle, SortedSet<CandleKey> candles, Set<CandleKey> empty) {
    if (candles.isEmpty()) {
      return;
    }
    LongSummaryStatistics starts =
        candles.stream().collect(summarizingLong(CandleKey::startEpochSecond));
    Set<CandleKey> left = new TreeSet<>(candles);
    CandleKey.bind(PlanWithValues.of(handle.createQuery(fromRows)), candles)
        .bind("from", starts.getMin())
        .bind("to", starts.getMax() + candles.first().seconds())
        .map((row, context) -> Map.entry(key(row), row.getBoolean(5)))
        .forEach(
            done -> {
              left.remove(done.getKey());
              if (done.getValue()) {
                empty.add(done.getKey());
              }
            });
    if (!left.isEmpty()) {
      empty.addAll(left);
      LOG.warn(
          "{} candles from {} on stay as they are: some of their trades are gone, as after a"
              + " retention policy",
          left.size(),
          left.iterator().next());
    }
  }

  private void fromParts(
      Handle handle, SortedMap<CandleKey, Integer> candles, Set<CandleKey> empty) {
    if (!candles.isEmpty()) {
      SqlArrays.bind(
              CandleKey.bind(handle.createQuery(fromParts), candles.keySet()),
              "parts",
              "integer",
              candles.values(),
              part -> part)
          .map((row, context) -> key(row))
          .forEach(empty::add);
    }
  }

  private static CandleKey key(ResultSet row) throws SQLException {
    return new CandleKey(row.getLong(1), row.getString(2), row.getInt(3), row.getLong(4));
  }

  /** Deletes those candles that have no trade. */
  void deleteEmpty(Handle handle, Collection<CandleKey> candles) {
    if (candles.isEmpty()) {
      return;
    }
    CandleKey.bind(handle.createUpdate(deleteEmpty), candles).execute();
  }
}
