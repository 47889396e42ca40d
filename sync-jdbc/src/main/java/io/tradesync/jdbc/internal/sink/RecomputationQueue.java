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

  // These are from when the length was kept before, or miss trades that are gone.
  private static final String REMOVE_OUTDATED =
      """
      delete from :"schema".trade_candles as c
      using :"schema".candle_length as l
      where c.bucket_seconds = :length and l.bucket_seconds = :length
        and (:all or c.bucket_start < l.kept_since)
        and (c.bucket_start >= l.kept_since or not exists (
          select
          from :"schema".candle_length_removed as r
          where r.bucket_seconds = :length
            and c.bucket_start >= r.whole_since and c.bucket_start < r.whole_until))\
      """;

  // Candles of a shorter length that is complete there stand for the rows.
  private static final String ADD_ALL =
      """
      with part as (
        select max(p.bucket_seconds) as seconds
        from :"schema".candle_length as l
        join :"schema".candle_length as p on p.bucket_seconds < l.bucket_seconds
          and l.bucket_seconds % p.bucket_seconds = 0 and p.complete_since <= l.kept_since
        where l.bucket_seconds = :length)
      insert into :"schema".candle_rebuild (chain_id, pool_id, bucket_seconds, bucket_start)
      select distinct t.chain_id, t.pool_id, l.bucket_seconds, s.start
      from (
        select chain_id, pool_id, extract(epoch from ts) as second
        from :"schema".analytics_trades
        where (select seconds from part) is null and isfinite(ts)
        union all
        select chain_id, pool_id, extract(epoch from bucket_start)
        from :"schema".trade_candles
        where bucket_seconds = (select seconds from part)) as t
      join :"schema".candle_length as l on l.bucket_seconds = :length
      cross join lateral (
        select to_timestamp(floor(second::numeric / :length) * :length) as start) as s
      where s.start >= l.kept_since
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
          removeOutdated(handle, added, true);
          handle.createUpdate(names.fill(ADD_ALL)).bind("length", added).execute();
        });
    handle.execute(names.fill(REMOVE_OTHERS));
    complete(handle);
  }

  private void complete(Handle handle) {
    lengths.complete(handle).forEach(length -> removeOutdated(handle, length, false));
  }

  private void removeOutdated(Handle handle, int length, boolean all) {
    handle
        .createUpdate(names.fill(REMOVE_OUTDATED))
        .bind("length", length)
        .bind("all", all)
        .execute();
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
        complete(handle);
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
