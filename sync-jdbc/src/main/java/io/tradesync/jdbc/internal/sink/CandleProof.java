package io.tradesync.jdbc.internal.sink;

import io.tradesync.KeyRange;
import io.tradesync.jdbc.internal.sink.CandleLengths.CandleLength;
import io.tradesync.jdbc.internal.sql.SqlNames;
import io.tradesync.spi.AggregateFindings;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Compares candles with what they are computed from: those of a length that no shorter complete
 * length divides with the rows of trades, longer ones with the shorter ones. The keys of open and
 * close are compared, too. All lengths are compared by one statement.
 */
final class CandleProof {

  // Rows and shorter candles are both parts: a row is a candle of one trade. Each part is joined
  // with its candle first, whose number then is all that parts are grouped by. A part has the first
  // key of its candle if it has the candle's key of open, and no part has a smaller one.
  // The condition of parts is one expression: PostgreSQL takes two bounds for very few rows, and
  // would sort all parts on disk instead of hashing the candles.
  private static final String COMPARE =
      """
      (with candle as materialized (
        select row_number() over () as place, {second} as start, t.*
        from :"schema".trade_candles as t
        where t.bucket_seconds = {length} and {in_range}
          and t.bucket_start >= cast(:since{length} as timestamptz)),
      part as (
        {parts}),
      total as (
        select c.place, {missing},
          sum(p.trades) as trades, max(p.high) as high, min(p.low) as low,
          sum(p.volume) as volume, sum(p.quote_volume) as quote_volume,
          count(*) filter (
            where p.open_timestamp = c.open_timestamp and p.open_id = c.open_id
              and p.open = c.open) as opens,
          count(*) filter (
            where p.close_timestamp = c.close_timestamp and p.close_id = c.close_id
              and p.close = c.close) as closes,
          bool_or(p.open_timestamp < c.open_timestamp or p.close_timestamp > c.close_timestamp
            or (p.open_timestamp = c.open_timestamp and p.open_id < c.open_id)
            or (p.close_timestamp = c.close_timestamp and p.close_id > c.close_id)) as is_outside
        from part as p
        left join candle as c on (c.chain_id, c.pool_id, c.start)
          = (p.chain_id, p.pool_id, p.start)
        where case when p.start >= :first{length} then p.start < :toSecond end
        group by 1{by_missing}),
      found as (
        select start, pool as missing, null::bigint as chain_id, null::text as pool_id,
          null::timestamptz as bucket_start
        from total
        where place is null
        union all
        select c.start, null, c.chain_id, c.pool_id, c.bucket_start
        from candle as c
        left join total as p using (place)
        where (c.trades = p.trades and c.high = p.high and c.low = p.low
          and c.volume = p.volume and c.quote_volume = p.quote_volume
          and p.opens = 1 and p.closes = 1 and not p.is_outside
          and date_part('epoch', c.bucket_start) = c.start and c.start % {length} = 0) is not true)
      select true, f.start - ((f.start % :width) + :width) % :width, count(*)
      from found as f
      where not exists (
        select
        from :"schema".candle_rebuild as r
        where r.bucket_seconds = {length} and r.bucket_start = to_timestamp(f.start)
          and (r.chain_id = f.chain_id and r.pool_id = f.pool_id
            or row(r.chain_id, r.pool_id)::text = f.missing))
        {and_not_refreshed}
      group by 2)\
      """;

  // A span that is still to be refreshed decides nothing about the candles that it touches.
  private static final String AND_NOT_REFRESHED =
      """
      and not exists (
          select
          from :"schema".candle_refresh as q
          where q.from_second < f.start + {length} and q.to_second > f.start)\
      """;

  private static final String NOT_REFRESHED =
      """
      select false, null::bigint, count(*)
      from :"schema".candle_refresh as q
      where q.from_second < :toSecond and q.to_second > :fromSecond\
      """;

  // Grouping by a number alone is quick; which candles are missing is asked only if one is.
  private static final String ANY_MISSING = "null as pool, null::bigint as start";

  private static final String EACH_MISSING =
      """
      case when c.place is null then row(p.chain_id, p.pool_id)::text end as pool,
          case when c.place is null then p.start end as start\
      """;

  private static final String ROWS =
      """
      select {bucket_of_row} as start, t.chain_id, t.pool_id, 1 as trades, t.price as high,
          t.price as low, t.quantity as volume, t.volume as quote_volume, t.price as open,
          t.trade_timestamp as open_timestamp, t.trade_id as open_id, t.price as close,
          t.trade_timestamp as close_timestamp, t.trade_id as close_id
        from :"schema".analytics_trades as t
        where {rows_in_range} and t.price is not null and t.quantity is not null
        offset 0\
      """;

  private static final String SHORTER =
      """
      select s.second - ((s.second % {length}) + {length}) % {length} as start, t.chain_id,
          t.pool_id, t.trades, t.high, t.low, t.volume, t.quote_volume, t.open, t.open_timestamp,
          t.open_id, t.close, t.close_timestamp, t.close_id
        from :"schema".trade_candles as t
        cross join lateral (select {second}) as s (second)
        where t.bucket_seconds = {part} and {parts_in_range} and t.trades > 0
        offset 0\
      """;

  // The planner cannot know how many rows a slice has, and would compare each row with each candle,
  // or sort both. The candles of a slice need some 10 MB, or they are written to disk.
  private static final String PLAN_WITH_HASHES =
      """
      select set_config('enable_nestloop', 'off', true), set_config('enable_mergejoin', 'off', true),
        set_config('work_mem',
          greatest(pg_size_bytes(current_setting('work_mem')), 33554432) / 1024 || 'kB', true)\
      """;

  private static final String NOT_JUDGED =
      """
      select false, null::bigint, count(*)
      from :"schema".candle_rebuild as t
      where {in_range}\
      """;

  // The index by length and time is used only if the length is seen to be positive.
  private static final String FIRST =
      """
      select c.second
      from :"schema".candle_length as l
      cross join lateral (
        select {second} as second
        from :"schema".trade_candles as t
        where t.bucket_seconds = l.bucket_seconds and t.bucket_seconds > 0 and {in_range}
        order by t.bucket_start
        limit 1) as c\
      """;

  // Of a length whose candles are computed from rows, all rows of the candles that overlap the
  // range are read; of a longer one, all its parts, those included that are still to be made.
  private static final String MARK =
      """
      insert into :"schema".candle_rebuild (chain_id, pool_id, bucket_seconds, bucket_start)
      select distinct k.chain_id, k.pool_id, {length}, to_timestamp(k.start)
      from (
        select t.chain_id, t.pool_id, p.start
        from :"schema".analytics_trades as t
        cross join lateral (select {row_second}) as s (second)
        cross join lateral (
          select s.second - ((s.second % {length}) + {length}) % {length}) as p (start)
        where {rows_overlap}
        union all
        select t.chain_id, t.pool_id, p.start
        from :"schema".trade_candles as t
        cross join lateral (select {second}) as s (second)
        cross join lateral (
          select s.second - ((s.second % {length}) + {length}) % {length}) as p (start)
        where t.bucket_seconds in ({length}, {part}) and {candles_overlap}
        union all
        select t.chain_id, t.pool_id, p.start
        from :"schema".candle_rebuild as t
        cross join lateral (select {second}) as s (second)
        cross join lateral (
          select s.second - ((s.second % {length}) + {length}) % {length}) as p (start)
        where t.bucket_seconds = {part} and {candles_overlap}) as k
      where k.start > :fromSecond - {length} and k.start < :toSecond
        and abs(k.start) < 9000000000000
      on conflict do nothing\
      """;

  // A candle at no multiple of its length is none.
  private static final String REMOVE_MISPLACED =
      """
      delete from :"schema".trade_candles as t
      where t.bucket_seconds = {length} and {in_range}
        and (not isfinite(t.bucket_start)
          or date_part('epoch', t.bucket_start) <> {second}
          or ({second}) % {length} <> 0)\
      """;

  private final String schema;
  private final CandleLengths lengths;
  private final Optional<RefreshQueue> refreshes;

  /** Takes what is told to refresh candles, if they are kept as continuous aggregates. */
  CandleProof(String schema, Optional<RefreshQueue> refreshes) {
    this.schema = schema;
    this.lengths = new CandleLengths(schema);
    this.refreshes = refreshes;
  }

  /** Compares the candles that begin in a range of seconds. */
  AggregateFindings compare(Handle handle, KeyRange range, long bucketSeconds) {
    if (StoredTime.isOutside(range)) {
      return AggregateFindings.NONE;
    }
    handle.execute(PLAN_WITH_HASHES);
    AggregateFindings findings = compare(handle, range, bucketSeconds, false);
    return findings.differing().isEmpty() ? findings : compare(handle, range, bucketSeconds, true);
  }

  private AggregateFindings compare(
      Handle handle, KeyRange range, long bucketSeconds, boolean eachMissing) {
    List<CandleLength> kept = lengths.read(handle);
    List<String> statements = new ArrayList<>();
    statements.add(names(Map.of()).fill(refreshes.isEmpty() ? NOT_JUDGED : NOT_REFRESHED));
    for (CandleLength length : kept) {
      if (length.completeSince().isPresent()) {
        statements.add(statement(length.seconds(), part(length, kept), eachMissing));
      }
    }
    Query query =
        StoredTime.bind(handle.createQuery(String.join("\nunion all\n", statements)), range)
            .bind("width", bucketSeconds);
    for (CandleLength length : kept) {
      if (length.completeSince().isPresent()) {
        query
            .bind("since" + length.seconds(), since(length))
            .bind("first" + length.seconds(), first(length, range));
      }
    }
    Map<Long, Long> differing = new HashMap<>();
    long[] notJudged = new long[1];
    boolean ignored = query.map((row, context) -> add(row, differing, notJudged)).list().isEmpty();
    return new AggregateFindings(differing, notJudged[0]);
  }

  private static boolean add(ResultSet row, Map<Long, Long> differing, long[] notJudged)
      throws SQLException {
    long candles = row.getLong(3);
    if (row.getBoolean(1)) {
      differing.merge(row.getLong(2), candles, Long::sum);
    } else {
      notJudged[0] += candles;
    }
    return true;
  }

  /** How many seconds above a range rows can be whose candles begin in it. */
  long secondsAbove(Handle handle) {
    return lengths.read(handle).stream().mapToLong(CandleLength::seconds).max().orElse(1) - 1;
  }

  /**
   * Returns the first second of a range at which a row is, or a candle begins or would begin.
   *
   * @param ofRows the first second of a row in the range, or in {@link #secondsAbove} above it
   */
  OptionalLong firstSecond(Handle handle, KeyRange range, OptionalLong ofRows) {
    if (StoredTime.isOutside(range)) {
      return OptionalLong.empty();
    }
    List<Long> seconds =
        new ArrayList<>(
            StoredTime.bind(handle.createQuery(names(Map.of()).fill(FIRST)), range)
                .mapTo(Long.class)
                .list());
    if (ofRows.isPresent()) {
      long second = ofRows.getAsLong();
      seconds.add(second);
      lengths
          .read(handle)
          .forEach(length -> seconds.add(second - Math.floorMod(second, length.seconds())));
    }
    return seconds.stream()
        .mapToLong(second -> second)
        .filter(second -> second >= range.after().epochSecond())
        .filter(second -> second < range.upTo().epochSecond())
        .min();
  }

  /** Puts all candles off that overlap a range, and removes those that begin at no multiple. */
  void recomputeAll(Handle handle, KeyRange range) {
    if (StoredTime.isOutside(range)) {
      return;
    }
    if (refreshes.isPresent()) {
      refreshes.get().add(handle, range);
      return;
    }
    List<CandleLength> kept = lengths.read(handle);
    for (CandleLength length : kept) {
      OptionalInt part = part(length, kept);
      int seconds = length.seconds();
      SqlNames names =
          names(
              Map.of(
                  "length", Integer.toString(seconds),
                  "part", Integer.toString(part.orElse(seconds)),
                  "row_second", StoredTime.second("t.ts"),
                  "rows_overlap", StoredTime.overlaps("t.ts", part.isEmpty() ? seconds : 0),
                  "candles_overlap", StoredTime.overlaps("t.bucket_start", seconds)));
      StoredTime.bind(handle.createUpdate(names.fill(MARK)), range).execute();
      StoredTime.bind(handle.createUpdate(names.fill(REMOVE_MISPLACED)), range).execute();
    }
  }

  /** The second from which on candles of a length are compared. */
  private static long first(CandleLength length, KeyRange range) {
    OffsetDateTime since = length.completeSince().orElseThrow();
    return since.equals(OffsetDateTime.MIN)
        ? range.after().epochSecond()
        : Math.max(
            range.after().epochSecond(), since.toEpochSecond() + (since.getNano() > 0 ? 1 : 0));
  }

  private static String since(CandleLength length) {
    OffsetDateTime since = length.completeSince().orElseThrow();
    return since.equals(OffsetDateTime.MIN) ? "-infinity" : since.toString();
  }

  /**
   * The longest length that candles of a length are merged from, as a recomputation merges them.
   */
  private static OptionalInt part(CandleLength length, List<CandleLength> kept) {
    return kept.stream()
        .filter(shorter -> shorter.divides(length))
        .mapToInt(CandleLength::seconds)
        .max();
  }

  private String statement(int length, OptionalInt part, boolean eachMissing) {
    SqlNames names =
        names(
            Map.of(
                "missing", eachMissing ? EACH_MISSING : ANY_MISSING,
                "by_missing", eachMissing ? ", 2, 3" : "",
                "length", Integer.toString(length),
                "part", part.isEmpty() ? "" : Integer.toString(part.getAsInt()),
                "bucket_of_row", StoredTime.bucketOfRow(Integer.toString(length)),
                "rows_in_range", StoredTime.inRangeAndAbove("t.ts", length - 1),
                "parts_in_range", StoredTime.inRangeAndAbove("t.bucket_start", length - 1)));
    String parts = part.isEmpty() ? ROWS : SHORTER;
    String pending =
        refreshes.isEmpty() ? "" : AND_NOT_REFRESHED.replace("{length}", Integer.toString(length));
    return names.fill(COMPARE.replace("{parts}", parts).replace("{and_not_refreshed}", pending));
  }

  private SqlNames names(Map<String, String> fragments) {
    Map<String, String> all = new HashMap<>(fragments);
    all.put("second", StoredTime.second("t.bucket_start"));
    all.put("in_range", StoredTime.inRange("t.bucket_start"));
    return SqlNames.inSchema(schema, all);
  }
}
