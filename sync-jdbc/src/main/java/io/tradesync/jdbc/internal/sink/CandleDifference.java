package io.tradesync.jdbc.internal.sink;

import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** Changes candles from which trades were taken, without reading their other trades. */
final class CandleDifference {

  // A comparison with null is not true.
  private static final String APPLY =
      """
      update :"schema".trade_candles as c set
        open = case when {all} or {opens} then d.open else c.open end,
        open_timestamp =
          case when {all} or {opens} then d.open_timestamp else c.open_timestamp end,
        open_id = case when {all} or {opens} then d.open_id else c.open_id end,
        close = case when {all} or {closes} then d.close else c.close end,
        close_timestamp =
          case when {all} or {closes} then d.close_timestamp else c.close_timestamp end,
        close_id = case when {all} or {closes} then d.close_id else c.close_id end,
        high = case when {all} then d.high else greatest(c.high, d.high) end,
        low = case when {all} then d.low else least(c.low, d.low) end,
        volume = c.volume + d.volume - d.removed_volume,
        quote_volume = c.quote_volume + d.quote_volume - d.removed_quote_volume,
        trades = c.trades + d.trades - d.removed_trades
      from unnest(
        cast(:chainIds as bigint[]), cast(:poolIds as text[]), cast(:lengths as integer[]),
        cast(:starts as bigint[]), cast(:opens as numeric[]), cast(:highs as numeric[]),
        cast(:lows as numeric[]), cast(:closes as numeric[]), cast(:volumes as numeric[]),
        cast(:quoteVolumes as numeric[]), cast(:trades as bigint[]),
        cast(:openSeconds as bigint[]), cast(:openIds as text[]), cast(:closeSeconds as bigint[]),
        cast(:closeIds as text[]), cast(:removedHighs as numeric[]),
        cast(:removedLows as numeric[]), cast(:removedVolumes as numeric[]),
        cast(:removedQuoteVolumes as numeric[]), cast(:removedTrades as bigint[]),
        cast(:firstRemovedSeconds as bigint[]), cast(:firstRemovedIds as text[]),
        cast(:lastRemovedSeconds as bigint[]), cast(:lastRemovedIds as text[]))
        with ordinality as d (
          chain_id, pool_id, bucket_seconds, start_second, open, high, low, close, volume,
          quote_volume, trades, open_timestamp, open_id, close_timestamp, close_id, removed_high,
          removed_low, removed_volume, removed_quote_volume, removed_trades,
          first_removed_timestamp, first_removed_id, last_removed_timestamp, last_removed_id,
          place)
      cross join lateral (
        select d.chain_id, d.pool_id, d.bucket_seconds,
          to_timestamp(d.start_second) as bucket_start) as k
      cross join lateral {held}
      where c.ctid = held.row_id
        and ({all} or (
          c.trades + d.trades > d.removed_trades
          and ({opens} or
            (d.first_removed_timestamp, d.first_removed_id) > (c.open_timestamp, c.open_id))
          and ({closes} or
            (d.last_removed_timestamp, d.last_removed_id) < (c.close_timestamp, c.close_id))
          and (d.removed_high < c.high or d.high >= c.high)
          and (d.removed_low > c.low or d.low <= c.low)))
      returning d.place, c.trades = 0\
      """;

  private static final String ALL =
      """
      ((c.trades, c.volume, c.quote_volume)
          = (d.removed_trades, d.removed_volume, d.removed_quote_volume))\
      """;

  private static final String OPENS =
      """
      ((d.open_timestamp, d.open_id) <= (c.open_timestamp, c.open_id))\
      """;

  private static final String CLOSES =
      """
      ((d.close_timestamp, d.close_id) >= (c.close_timestamp, c.close_id))\
      """;

  private final String apply;

  CandleDifference(String schema) {
    this.apply =
        SqlNames.inSchema(
                schema,
                Map.of("held", CandleKey.HELD, "all", ALL, "opens", OPENS, "closes", CLOSES))
            .fill(APPLY);
  }

  /**
   * Applies changes to candles whose rows are locked, as far as they decide what becomes of the
   * candle. A candle all of whose trades are removed is made of those that are added.
   *
   * @param empty receives the changed candles that have no trade now
   * @return the candles that were changed
   */
  Set<CandleKey> apply(
      Handle handle, SortedMap<CandleKey, CandleChange> changes, Set<CandleKey> empty) {
    if (changes.isEmpty()) {
      return Set.of();
    }
    Query query = CandleKey.bind(handle.createQuery(apply), changes.keySet());
    Collection<CandleChange> values = changes.values();
    Candle.bind(query, values.stream().map(CandleChange::added).toList());
    List<Candle> removed = values.stream().map(CandleChange::removed).toList();
    SqlArrays.bind(query, "removedHighs", "numeric", removed, Candle::high);
    SqlArrays.bind(query, "removedLows", "numeric", removed, Candle::low);
    SqlArrays.bind(query, "removedVolumes", "numeric", removed, Candle::volume);
    SqlArrays.bind(query, "removedQuoteVolumes", "numeric", removed, Candle::quoteVolume);
    SqlArrays.bind(query, "removedTrades", "bigint", removed, Candle::trades);
    SqlArrays.bind(
        query, "firstRemovedSeconds", "bigint", removed, gone -> Candle.second(gone.first()));
    SqlArrays.bind(query, "firstRemovedIds", "text", removed, gone -> Candle.id(gone.first()));
    SqlArrays.bind(
        query, "lastRemovedSeconds", "bigint", removed, gone -> Candle.second(gone.last()));
    SqlArrays.bind(query, "lastRemovedIds", "text", removed, gone -> Candle.id(gone.last()));
    List<CandleKey> keys = List.copyOf(changes.keySet());
    Set<CandleKey> applied = new HashSet<>();
    query
        .map((row, context) -> Map.entry(keys.get(row.getInt(1) - 1), row.getBoolean(2)))
        .forEach(
            changed -> {
              applied.add(changed.getKey());
              if (changed.getValue()) {
                empty.add(changed.getKey());
              }
            });
    return applied;
  }
}
