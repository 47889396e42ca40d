package io.tradesync.jdbc.internal.sink;

import io.tradesync.InvalidSettingException;
import io.tradesync.KeyRange;
import io.tradesync.jdbc.CandleStorage;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import io.tradesync.spi.TradeBatch;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * The rows of {@code candle_refresh}: spans of time in which trades changed, and whose continuous
 * aggregates are still to be refreshed. A transaction adds rows of its own, so that no two wait for
 * each other; {@link AggregateRefresh} merges them. Thread-safe.
 */
public final class RefreshQueue {

  /** Spans that are as near to each other are refreshed as one, in seconds. */
  static final long GAP = 300;

  // Another process may keep other lengths, or the candles themselves, since it started later.
  private static final String ADD =
      """
      with kept as (
        select coalesce(array_agg(bucket_seconds order by bucket_seconds), '{}') as lengths,
          coalesce((
            select c.relkind = 'v' from pg_class as c where c.oid = to_regclass(:candles)), false)
            as is_view
        from :"schema".candle_length),
      added as (
        insert into :"schema".candle_refresh (from_second, to_second)
        select from_second, to_second
        from unnest(cast(:starts as bigint[]), cast(:ends as bigint[])) as u (
          from_second, to_second))
      select lengths, is_view
      from kept
      where lengths is distinct from cast(:kept as integer[]) or is_view <> :isView\
      """;

  private static final String ADD_RANGE =
      """
      insert into :"schema".candle_refresh (from_second, to_second) values (:start, :end)\
      """;

  // Where trades and candles begin and end: newer trades add their own spans.
  private static final String ADD_ALL =
      """
      insert into :"schema".candle_refresh (bucket_seconds, from_second, to_second)
      select :length, floor(extract(epoch from first))::bigint,
        floor(extract(epoch from last))::bigint + 1
      from (
        select least((select min(ts) from :"schema".analytics_trades),
            (select min(bucket_start) from :"schema".trade_candles)) as first,
          greatest((select max(ts) from :"schema".analytics_trades),
            (select max(bucket_start) from :"schema".trade_candles)) as last) as times
      where first is not null\
      """;

  private static final String COUNT =
      """
      select count(*) from :"schema".candle_refresh\
      """;

  private final List<Integer> bucketSeconds;
  private final CandleStorage storage;
  private final CandleLengths lengths;
  private final String candles;
  private final SqlNames names;

  /**
   * Names the table, and how this process keeps candles.
   *
   * @param bucketSeconds the lengths, ascending
   */
  public RefreshQueue(String schema, List<Integer> bucketSeconds, CandleStorage storage) {
    this.bucketSeconds = bucketSeconds;
    this.storage = storage;
    this.lengths = new CandleLengths(schema);
    this.candles = Identifiers.asRegclass(schema, "trade_candles");
    this.names = SqlNames.inSchema(schema, Map.of());
  }

  /**
   * Adds the time of the trades that a batch writes, and of those that it replaces or retracts.
   *
   * @throws InvalidSettingException if candles are kept in another way than this process does
   */
  public void add(Handle handle, TradeBatch batch) {
    List<Span> spans = Span.merged(seconds(batch), GAP);
    Query query = handle.createQuery(names.fill(ADD));
    SqlArrays.bind(query, "starts", "bigint", spans, Span::from);
    SqlArrays.bind(query, "ends", "bigint", spans, Span::to);
    SqlArrays.bind(query, "kept", "integer", bucketSeconds, seconds -> seconds)
        .bind("candles", candles)
        .bind("isView", storage == CandleStorage.CONTINUOUS_AGGREGATES)
        .map(
            (row, context) ->
                others(List.of((Integer[]) row.getArray(1).getArray()), row.getBoolean(2)))
        .findFirst()
        .ifPresent(
            failure -> {
              throw failure;
            });
  }

  private static List<Span> seconds(TradeBatch batch) {
    return batch.changes().stream()
        .flatMap(change -> Stream.concat(Stream.of(change.key()), change.before().stream()))
        .map(key -> new Span(key.epochSecond(), key.epochSecond() + 1))
        .toList();
  }

  private InvalidSettingException others(List<Integer> recorded, boolean areAggregates) {
    if (areAggregates == (storage == CandleStorage.CONTINUOUS_AGGREGATES)) {
      return lengths.others(bucketSeconds, recorded);
    }
    return new InvalidSettingException(
        "candles",
        storage,
        "must be %s, as %s is kept since another process started"
            .formatted(
                areAggregates ? CandleStorage.CONTINUOUS_AGGREGATES : CandleStorage.TABLE,
                candles));
  }

  /** Adds a range of keys. */
  void add(Handle handle, KeyRange range) {
    handle
        .createUpdate(names.fill(ADD_RANGE))
        .bind("start", Math.max(range.after().epochSecond(), StoredTime.BEFORE_ALL))
        .bind("end", Math.min(range.upTo().epochSecond(), StoredTime.AFTER_ALL))
        .execute();
  }

  /** Adds all of the time, since a length was not kept before. */
  void addAll(Handle handle, int length) {
    handle.createUpdate(names.fill(ADD_ALL)).bind("length", length).execute();
  }

  /** Counts the spans. */
  public long count(Handle handle) {
    return handle.createQuery(names.fill(COUNT)).mapTo(Long.class).one();
  }
}
