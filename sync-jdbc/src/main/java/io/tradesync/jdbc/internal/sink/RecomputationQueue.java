package io.tradesync.jdbc.internal.sink;

import io.tradesync.jdbc.internal.sql.SqlNames;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** The rows of {@code candle_rebuild}: candles that a later transaction recomputes. */
public final class RecomputationQueue {

  private static final int MAX_AT_ONCE = 500;

  private static final String ADD =
      """
      insert into :"schema".candle_rebuild
      select * from {keys} as k
      on conflict do nothing""";

  private static final String ADD_ALL =
      """
      insert into :"schema".candle_rebuild
      select distinct chain_id, pool_id, cast(:length as integer),
        to_timestamp(floor(trade_timestamp::numeric / :length) * :length)
      from :"schema".analytics_trades
      on conflict do nothing""";

  private static final String NEXT =
      """
      select chain_id, pool_id, bucket_seconds, extract(epoch from bucket_start)::bigint
      from :"schema".candle_rebuild
      order by chain_id, pool_id, bucket_seconds, bucket_start
      limit :limit""";

  private static final String REMOVE =
      """
      delete from :"schema".candle_rebuild as r using {keys} as k
      where (r.chain_id, r.pool_id, r.bucket_seconds, r.bucket_start)
        = (k.chain_id, k.pool_id, k.bucket_seconds, k.bucket_start)""";

  private final CandleTable candles;
  private final String add;
  private final String addAll;
  private final String next;
  private final String remove;

  public RecomputationQueue(String schema, CandleTable candles) {
    this.candles = candles;
    SqlNames names = SqlNames.inSchema(schema, Map.of("keys", CandleKey.KEYS));
    this.add = names.fill(ADD);
    this.addAll = names.fill(ADD_ALL);
    this.next = names.fill(NEXT);
    this.remove = names.fill(REMOVE);
  }

  /** Adds candles. */
  public void add(Handle handle, Collection<CandleKey> keys) {
    if (!keys.isEmpty()) {
      CandleKey.bind(handle.createUpdate(add), keys).execute();
    }
  }

  /** Adds all candles of a length. */
  public void addAll(Handle handle, int seconds) {
    handle.createUpdate(addAll).bind("length", seconds).execute();
  }

  /**
   * Recomputes the next candles and removes them.
   *
   * @return whether there may be more
   */
  public boolean recomputeNext(Handle handle) {
    SortedMap<CandleKey, Long> keys = new TreeMap<>();
    handle
        .createQuery(next)
        .bind("limit", MAX_AT_ONCE)
        .map(
            (row, context) ->
                new CandleKey(row.getLong(1), row.getString(2), row.getInt(3), row.getLong(4)))
        .forEach(key -> keys.put(key, 0L));
    if (keys.isEmpty()) {
      return false;
    }
    candles.apply(handle, new TreeMap<>(), keys);
    CandleKey.bind(handle.createUpdate(remove), keys.keySet()).execute();
    return keys.size() == MAX_AT_ONCE;
  }
}
