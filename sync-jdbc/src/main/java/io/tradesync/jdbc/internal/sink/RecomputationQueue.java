package io.tradesync.jdbc.internal.sink;

import io.tradesync.jdbc.internal.sql.SqlNames;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;

/**
 * The rows of {@code candle_rebuild}: candles that a later transaction recomputes, the shortest
 * first. Thread-safe.
 */
public final class RecomputationQueue {

  private static final int FIRST_PORTION = 200;
  private static final int MAX_PORTION = 10_000;
  private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(125);
  private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final String ADD =
      """
      insert into :"schema".candle_rebuild (chain_id, pool_id, bucket_seconds, bucket_start)
      select chain_id, pool_id, bucket_seconds, bucket_start from {keys} as k
      on conflict do nothing\
      """;

  // These are from when the length was kept before. Those with trades whose rows are gone stay: a
  // candle that is kept and ended before the first row says that there are such trades.
  private static final String REMOVE_OUTDATED =
      """
      delete from :"schema".trade_candles
      using (
        select coalesce(min(ts), now()) as since from :"schema".analytics_trades) as rows
      where bucket_seconds = :length
        and (bucket_start >= since
          or not exists (
            select
            from :"schema".trade_candles as c
            join :"schema".candle_length as l using (bucket_seconds)
            where l.complete_since is not null
              and c.bucket_start + c.bucket_seconds * interval '1 second' <= since))\
      """;

  private static final String ADD_ALL =
      """
      with part as (
        select max(bucket_seconds) as seconds
        from :"schema".candle_length
        where bucket_seconds < :length and :length % bucket_seconds = 0
          and complete_since = '-infinity')
      insert into :"schema".candle_rebuild (chain_id, pool_id, bucket_seconds, bucket_start)
      select distinct chain_id, pool_id, cast(:length as integer),
        to_timestamp(floor(second::numeric / :length) * :length)
      from (
        select chain_id, pool_id, trade_timestamp as second
        from :"schema".analytics_trades
        where (select seconds from part) is null
        union all
        select chain_id, pool_id, extract(epoch from bucket_start)
        from :"schema".trade_candles
        where bucket_seconds = :length or bucket_seconds = (select seconds from part)) as touched
      on conflict do nothing\
      """;

  private static final String NEXT =
      """
      select chain_id, pool_id, bucket_seconds, extract(epoch from bucket_start)::bigint
      from :"schema".candle_rebuild
      order by bucket_seconds, bucket_start, chain_id, pool_id
      limit :limit\
      """;

  private static final String REMOVE =
      """
      delete from :"schema".candle_rebuild as r using {keys} as k
      where (r.chain_id, r.pool_id, r.bucket_seconds, r.bucket_start)
        = (k.chain_id, k.pool_id, k.bucket_seconds, k.bucket_start)\
      """;

  private static final String REMOVE_OTHERS =
      """
      delete from :"schema".candle_rebuild
      where bucket_seconds not in (select bucket_seconds from :"schema".candle_length)\
      """;

  private static final String COUNT =
      """
      select count(*) from :"schema".candle_rebuild\
      """;

  private final CandleTable candles;
  private final CandleLengths lengths;
  private final AtomicInteger portion = new AtomicInteger(FIRST_PORTION);
  private final SqlNames names;

  public RecomputationQueue(String schema, CandleTable candles) {
    this.candles = candles;
    this.lengths = new CandleLengths(schema);
    this.names = SqlNames.inSchema(schema, Map.of("keys", CandleKey.KEYS));
  }

  /** Records the lengths of candles to keep, and adds all candles of lengths that are new. */
  public void keep(Handle handle, List<Integer> bucketSeconds) {
    lengths.record(
        handle,
        bucketSeconds,
        added -> {
          handle.createUpdate(names.fill(REMOVE_OUTDATED)).bind("length", added).execute();
          handle.createUpdate(names.fill(ADD_ALL)).bind("length", added).execute();
        });
    handle.execute(names.fill(REMOVE_OTHERS));
    lengths.complete(handle);
  }

  /** Adds candles. */
  public void add(Handle handle, Collection<CandleKey> keys) {
    if (!keys.isEmpty()) {
      CandleKey.bind(handle.createUpdate(names.fill(ADD)), keys).execute();
    }
  }

  /** Counts the candles. */
  public long count(Handle handle) {
    return handle.createQuery(names.fill(COUNT)).mapTo(Long.class).one();
  }

  /**
   * Recomputes the next candles and removes them: more of them after a portion that took little
   * time, fewer after one that took long or failed.
   *
   * @return whether there may be more
   */
  public boolean recomputeNext(Handle handle) {
    int limit = portion.get();
    long began = System.nanoTime();
    boolean done = false;
    try {
      List<CandleKey> keys =
          handle
              .createQuery(names.fill(NEXT))
              .bind("limit", limit)
              .map(
                  (row, context) ->
                      new CandleKey(
                          row.getLong(1), row.getString(2), row.getInt(3), row.getLong(4)))
              .list();
      if (!keys.isEmpty()) {
        candles.recompute(handle, keys);
        CandleKey.bind(handle.createUpdate(names.fill(REMOVE)), keys).execute();
        lengths.complete(handle);
      }
      done = true;
      return keys.size() == limit;
    } finally {
      long nanos = System.nanoTime() - began;
      if (!done || nanos > LONG_NANOS) {
        portion.set(Math.max(1, limit / (done ? 2 : 8)));
      } else if (nanos < SHORT_NANOS) {
        portion.set(Math.min(MAX_PORTION, 2 * limit));
      }
    }
  }
}
