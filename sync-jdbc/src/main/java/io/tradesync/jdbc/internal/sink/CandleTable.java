package io.tradesync.jdbc.internal.sink;

import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@code trade_candles}. A transaction writes its trades first, and then locks the rows
 * of the candles that it changes, in the order of their keys. So a candle that is recomputed under
 * its lock either contains all of another batch, or that batch is added to it afterwards.
 */
public final class CandleTable {

  // A candle of nothing (0 trades, the rest null) only locks its row: greatest and least ignore
  // nulls, and a null condition is not true.
  private static final String ADD =
      """
      insert into :"schema".trade_candles as c (
        chain_id, pool_id, bucket_seconds, bucket_start, open, high, low, close, volume,
        quote_volume, trades, open_timestamp, open_id, close_timestamp, close_id)
      select chain_id, pool_id, bucket_seconds, to_timestamp(start_second), open, high, low, close,
        volume, quote_volume, trades, open_timestamp, open_id, close_timestamp, close_id
      from unnest(
        cast(:chainIds as bigint[]), cast(:poolIds as text[]), cast(:lengths as integer[]),
        cast(:starts as bigint[]), cast(:opens as numeric[]), cast(:highs as numeric[]),
        cast(:lows as numeric[]), cast(:closes as numeric[]), cast(:volumes as numeric[]),
        cast(:quoteVolumes as numeric[]), cast(:trades as bigint[]), cast(:openSeconds as bigint[]),
        cast(:openIds as text[]), cast(:closeSeconds as bigint[]), cast(:closeIds as text[])) as u (
          chain_id, pool_id, bucket_seconds, start_second, open, high, low, close, volume,
          quote_volume, trades, open_timestamp, open_id, close_timestamp, close_id)
      on conflict (chain_id, pool_id, bucket_seconds, bucket_start) do update set
        open = case when {opens} then excluded.open else c.open end,
        open_timestamp = case when {opens} then excluded.open_timestamp else c.open_timestamp end,
        open_id = case when {opens} then excluded.open_id else c.open_id end,
        close = case when {closes} then excluded.close else c.close end,
        close_timestamp = case when {closes} then excluded.close_timestamp else c.close_timestamp end,
        close_id = case when {closes} then excluded.close_id else c.close_id end,
        high = greatest(c.high, excluded.high),
        low = least(c.low, excluded.low),
        volume = c.volume + excluded.volume,
        quote_volume = c.quote_volume + excluded.quote_volume,
        trades = c.trades + excluded.trades""";

  private static final String OPENS =
      """
      (c.open_timestamp is null or
          (excluded.open_timestamp, excluded.open_id) < (c.open_timestamp, c.open_id))""";

  private static final String CLOSES =
      """
      (c.close_timestamp is null or
          (excluded.close_timestamp, excluded.close_id) > (c.close_timestamp, c.close_id))""";

  private final String add;
  private final CandleRecomputation recomputation;

  public CandleTable(String schema) {
    this.add = SqlNames.inSchema(schema, Map.of("opens", OPENS, "closes", CLOSES)).fill(ADD);
    this.recomputation = new CandleRecomputation(schema);
  }

  /**
   * Adds to some candles and recomputes others.
   *
   * @param added what new trades add to their candles, without those that are recomputed
   * @param recomputed the candles to recompute, as {@link CandleRecomputation#recompute} takes them
   */
  public void apply(
      Handle handle, SortedMap<CandleKey, Candle> added, SortedMap<CandleKey, Long> recomputed) {
    SortedMap<CandleKey, Candle> touched = new TreeMap<>(added);
    recomputed.keySet().forEach(key -> touched.put(key, Candle.NOTHING));
    if (!touched.isEmpty()) {
      add(handle, touched);
    }
    if (!recomputed.isEmpty()) {
      recomputation.recompute(handle, recomputed);
    }
  }

  private void add(Handle handle, SortedMap<CandleKey, Candle> candles) {
    Collection<Candle> values = candles.values();
    Update update = CandleKey.bind(handle.createUpdate(add), candles.keySet());
    SqlArrays.bind(update, "opens", "numeric", values, Candle::open);
    SqlArrays.bind(update, "highs", "numeric", values, Candle::high);
    SqlArrays.bind(update, "lows", "numeric", values, Candle::low);
    SqlArrays.bind(update, "closes", "numeric", values, Candle::close);
    SqlArrays.bind(update, "volumes", "numeric", values, Candle::volume);
    SqlArrays.bind(update, "quoteVolumes", "numeric", values, Candle::quoteVolume);
    SqlArrays.bind(update, "trades", "bigint", values, Candle::trades);
    SqlArrays.bind(update, "openSeconds", "bigint", values, candle -> second(candle.first()));
    SqlArrays.bind(update, "openIds", "text", values, candle -> id(candle.first()));
    SqlArrays.bind(update, "closeSeconds", "bigint", values, candle -> second(candle.last()));
    SqlArrays.bind(update, "closeIds", "text", values, candle -> id(candle.last())).execute();
  }

  private static @Nullable Long second(@Nullable TradeKey key) {
    return key == null ? null : key.epochSecond();
  }

  private static @Nullable String id(@Nullable TradeKey key) {
    return key == null ? null : key.id();
  }
}
