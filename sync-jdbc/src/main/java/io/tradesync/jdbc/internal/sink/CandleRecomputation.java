package io.tradesync.jdbc.internal.sink;

import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.util.Map;
import java.util.SortedMap;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Recomputes candles from their rows of {@code analytics_trades}. */
final class CandleRecomputation {

  private static final Logger LOG = LoggerFactory.getLogger(CandleRecomputation.class);

  // A retention policy drops the oldest rows. A candle still has all of its trades if there is an
  // older row, or if there are as many rows as the candle counts, more or less what the batch
  // inserted and removed.
  private static final String RECOMPUTE =
      """
      with k as (
        select chain_id, pool_id, bucket_seconds, to_timestamp(start_second) as bucket_start, more
        from unnest(
          cast(:chainIds as bigint[]), cast(:poolIds as text[]), cast(:lengths as integer[]),
          cast(:starts as bigint[]), cast(:more as bigint[])) as u (
            chain_id, pool_id, bucket_seconds, start_second, more)),
      computed as (
        select k.*, s.*, f.*, l.*,
          exists (
            select 1 from :"schema".analytics_trades t where t.ts < k.bucket_start) as older
        from k
        cross join lateral (
          select count(*) as trades, max(price) as high, min(price) as low,
            coalesce(sum(quantity), 0) as volume, coalesce(sum(volume), 0) as quote_volume
          from :"schema".analytics_trades t
          where {in_candle}) as s
        left join lateral (
          select price as open, trade_timestamp as open_timestamp, trade_id as open_id
          from :"schema".analytics_trades t
          where {in_candle}
          order by ts, trade_id limit 1) as f on true
        left join lateral (
          select price as close, trade_timestamp as close_timestamp, trade_id as close_id
          from :"schema".analytics_trades t
          where {in_candle}
          order by ts desc, trade_id desc limit 1) as l on true)
      update :"schema".trade_candles as c set
        open = n.open, high = n.high, low = n.low, close = n.close, volume = n.volume,
        quote_volume = n.quote_volume, trades = n.trades, open_timestamp = n.open_timestamp,
        open_id = n.open_id, close_timestamp = n.close_timestamp, close_id = n.close_id
      from computed as n
      where (c.chain_id, c.pool_id, c.bucket_seconds, c.bucket_start)
          = (n.chain_id, n.pool_id, n.bucket_seconds, n.bucket_start)
        and (n.older or n.trades >= c.trades + n.more)""";

  private static final String IN_CANDLE =
      """
      t.chain_id = k.chain_id and t.pool_id = k.pool_id
            and t.ts >= k.bucket_start
            and t.ts < k.bucket_start + k.bucket_seconds * interval '1 second'
            and t.price is not null and t.quantity is not null""";

  private static final String DELETE_EMPTY =
      """
      delete from :"schema".trade_candles as c using {keys} as k
      where c.trades = 0
        and (c.chain_id, c.pool_id, c.bucket_seconds, c.bucket_start)
          = (k.chain_id, k.pool_id, k.bucket_seconds, k.bucket_start)""";

  private final String recompute;
  private final String deleteEmpty;

  CandleRecomputation(String schema) {
    SqlNames names =
        SqlNames.inSchema(schema, Map.of("in_candle", IN_CANDLE, "keys", CandleKey.KEYS));
    this.recompute = names.fill(RECOMPUTE);
    this.deleteEmpty = names.fill(DELETE_EMPTY);
  }

  /**
   * Recomputes candles whose rows are locked, and deletes those that have no trade. A candle some
   * of whose trades were dropped stays as it is.
   *
   * @param candles the candles, each with how many trades more (or fewer) it must have than its row
   *     counts
   */
  void recompute(Handle handle, SortedMap<CandleKey, Long> candles) {
    int done =
        SqlArrays.bind(
                CandleKey.bind(handle.createUpdate(recompute), candles.keySet()),
                "more",
                "bigint",
                candles.values(),
                more -> more)
            .execute();
    if (done < candles.size()) {
      LOG.warn(
          "{} candles from {} on stay as they are: some of their trades are gone, as after a"
              + " retention policy",
          candles.size() - done,
          candles.firstKey());
    }
    CandleKey.bind(handle.createUpdate(deleteEmpty), candles.keySet()).execute();
  }
}
