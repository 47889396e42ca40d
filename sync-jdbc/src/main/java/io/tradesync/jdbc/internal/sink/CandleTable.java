package io.tradesync.jdbc.internal.sink;

import static java.util.Objects.requireNonNullElse;

import io.tradesync.InvalidSettingException;
import io.tradesync.jdbc.CandleStorage;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@code trade_candles}.
 *
 * <p><b>Locks.</b> A transaction writes its trades first. Then one statement creates or locks the
 * rows of all candles that its trades are in, of every length, in key order. So whoever holds the
 * row of a candle knows that nobody else is changing the candle or a shorter one below it, and what
 * a later statement of the transaction reads is committed:
 *
 * <ul>
 *   <li>Rows of trades: a trade of another transaction is either committed, and then it is in the
 *       rows and in the candle, or that transaction waits for the candle, and adds its trade to
 *       what it finds afterwards.
 *   <li>Shorter candles: a transaction that changes one would hold the longer one as well.
 * </ul>
 *
 * <p><b>Arithmetic.</b> Number, volumes and quote volumes are sums, so that they follow by adding
 * and subtracting. A trade that leaves a candle tells its key and its price: if the candle's open
 * had a smaller key, open stays; if it was this trade's, and an added trade has no larger key, that
 * one is the smallest now. Close, high and low likewise. If number, volume and quote volume say
 * that all of its trades leave, the added ones are all that it has. Only if none of this decides,
 * the candle is recomputed: from shorter candles, else from rows of trades.
 */
public final class CandleTable {

  // The last where clause keeps a row that is only locked (0 trades, the rest null) as it is. A
  // candle that begins before its length is kept misses trades, so it is not created.
  private static final String ADD =
      """
      with kept as (
        select coalesce(array_agg(bucket_seconds order by bucket_seconds), '{}') as lengths,
          coalesce(array_agg(kept_since order by bucket_seconds), '{}') as since,
          coalesce(bool_and(kept_since = '-infinity'), true) as always
        from :"schema".candle_length),
      changed as (
        insert into :"schema".trade_candles as c (
          chain_id, pool_id, bucket_seconds, bucket_start, open, high, low, close, volume,
          quote_volume, trades, open_timestamp, open_id, close_timestamp, close_id)
        select chain_id, pool_id, bucket_seconds, to_timestamp(start_second), open, high, low,
          close, volume, quote_volume, trades, open_timestamp, open_id, close_timestamp, close_id
        from unnest(
          cast(:chainIds as bigint[]), cast(:poolIds as text[]), cast(:lengths as integer[]),
          cast(:starts as bigint[]), cast(:opens as numeric[]), cast(:highs as numeric[]),
          cast(:lows as numeric[]), cast(:closes as numeric[]), cast(:volumes as numeric[]),
          cast(:quoteVolumes as numeric[]), cast(:trades as bigint[]),
          cast(:openSeconds as bigint[]), cast(:openIds as text[]),
          cast(:closeSeconds as bigint[]), cast(:closeIds as text[])) as u (
            chain_id, pool_id, bucket_seconds, start_second, open, high, low, close, volume,
            quote_volume, trades, open_timestamp, open_id, close_timestamp, close_id)
        where (select lengths from kept) = cast(:kept as integer[])
          and ((select always from kept) or to_timestamp(start_second)
            >= (select since from kept)[array_position(cast(:kept as integer[]), bucket_seconds)])
        on conflict (chain_id, pool_id, bucket_seconds, bucket_start) do update set
          open = case when {opens} then excluded.open else c.open end,
          open_timestamp = case when {opens} then excluded.open_timestamp else c.open_timestamp end,
          open_id = case when {opens} then excluded.open_id else c.open_id end,
          close = case when {closes} then excluded.close else c.close end,
          close_timestamp =
            case when {closes} then excluded.close_timestamp else c.close_timestamp end,
          close_id = case when {closes} then excluded.close_id else c.close_id end,
          high = greatest(c.high, excluded.high),
          low = least(c.low, excluded.low),
          volume = c.volume + excluded.volume,
          quote_volume = c.quote_volume + excluded.quote_volume,
          trades = c.trades + excluded.trades
        where excluded.trades > 0)
      select lengths from kept where lengths is distinct from cast(:kept as integer[])\
      """;

  private static final String OPENS =
      """
      (c.open_timestamp is null or
            (excluded.open_timestamp, excluded.open_id) < (c.open_timestamp, c.open_id))\
      """;

  private static final String CLOSES =
      """
      (c.close_timestamp is null or
            (excluded.close_timestamp, excluded.close_id) > (c.close_timestamp, c.close_id))\
      """;

  /** PostgreSQL's answer to rows for a view of several tables. */
  private static final String IS_A_VIEW = "55000";

  private final List<Integer> bucketSeconds;
  private final CandleLengths lengths;
  private final CandleDifference difference;
  private final CandleRecomputation recomputation;
  private final String add;

  /**
   * Names the table.
   *
   * @param bucketSeconds the lengths of candles, ascending
   */
  public CandleTable(String schema, List<Integer> bucketSeconds) {
    this.bucketSeconds = bucketSeconds;
    this.lengths = new CandleLengths(schema);
    this.difference = new CandleDifference(schema);
    this.recomputation = new CandleRecomputation(schema);
    this.add = SqlNames.inSchema(schema, Map.of("opens", OPENS, "closes", CLOSES)).fill(ADD);
  }

  /**
   * Changes candles by what a batch did to their trades.
   *
   * @throws io.tradesync.InvalidSettingException if other lengths are recorded than this process
   *     keeps; nothing is changed
   */
  public void apply(Handle handle, TouchedCandles touched) {
    SortedMap<CandleKey, Candle> added = touched.added();
    SortedMap<CandleKey, Candle> removed = touched.removed();
    SortedSet<CandleKey> recomputed = touched.recomputed();
    if (removed.isEmpty() && recomputed.isEmpty()) {
      add(handle, added);
      return;
    }
    SortedMap<CandleKey, CandleChange> changes = new TreeMap<>();
    Stream.concat(removed.keySet().stream(), recomputed.stream())
        .forEach(key -> changes.put(key, change(added.get(key), removed.get(key))));
    SortedMap<CandleKey, Candle> addedOnly = new TreeMap<>(added);
    changes.keySet().forEach(key -> addedOnly.put(key, Candle.NOTHING));
    add(handle, addedOnly);

    SortedMap<CandleKey, CandleChange> differences = new TreeMap<>(changes);
    differences.keySet().removeAll(recomputed);
    Set<CandleKey> empty = new HashSet<>();
    changes.keySet().removeAll(difference.apply(handle, differences, empty));
    if (!changes.isEmpty()) {
      empty.addAll(recomputation.recompute(handle, changes.keySet(), lengths.read(handle)));
    }
    recomputation.deleteEmpty(handle, empty);
  }

  private static CandleChange change(@Nullable Candle added, @Nullable Candle removed) {
    return new CandleChange(
        requireNonNullElse(added, Candle.NOTHING), requireNonNullElse(removed, Candle.NOTHING));
  }

  /** Recomputes candles, and deletes those that have no trade. */
  void recompute(Handle handle, Collection<CandleKey> keys) {
    SortedMap<CandleKey, Candle> locked = new TreeMap<>();
    for (CandleKey key : keys) {
      locked.put(key, Candle.NOTHING);
      bucketSeconds.stream()
          .filter(seconds -> seconds > key.seconds() && seconds % key.seconds() == 0)
          .forEach(seconds -> locked.put(key.longer(seconds), Candle.NOTHING));
    }
    add(handle, locked);
    if (!keys.isEmpty()) {
      Set<CandleKey> ignored = recomputation.recompute(handle, keys, lengths.read(handle));
      recomputation.deleteEmpty(handle, locked.keySet());
    }
  }

  private void add(Handle handle, SortedMap<CandleKey, Candle> candles) {
    if (!candles.isEmpty()) {
      Query query = CandleKey.bind(handle.createQuery(add), candles.keySet());
      Candle.bind(query, candles.values());
      SqlArrays.bind(query, "kept", "integer", bucketSeconds, seconds -> seconds);
      others(query)
          .ifPresent(
              recorded -> {
                throw lengths.others(bucketSeconds, recorded);
              });
    }
  }

  /** Executes the statement, and returns the lengths that are recorded, if they are others. */
  private static Optional<List<Integer>> others(Query query) {
    try {
      return query
          .map((row, context) -> List.of((Integer[]) row.getArray(1).getArray()))
          .findFirst();
    } catch (UnableToExecuteStatementException e) {
      if (SqlFailures.state(e).equals(IS_A_VIEW)) {
        throw new InvalidSettingException(
            "candles",
            CandleStorage.TABLE,
            "must be CONTINUOUS_AGGREGATES, as trade_candles is a view since another process"
                + " started");
      }
      throw e;
    }
  }
}
