package io.tradesync.jdbc.internal.sink;

import io.tradesync.InvalidSettingException;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.JoinedTransactions;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.SqlNames;
import io.tradesync.spi.WorkAfterCommit;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refreshes the continuous aggregates over the spans of {@link RefreshQueue}, the newest time
 * first. Thread-safe.
 *
 * <p>A refresh sees what was committed before it, so a span is removed only after all aggregates
 * were refreshed over it. A span that is added meanwhile has a row of its own and stays. Nothing is
 * refreshed below the retention boundary: over trades that were dropped, a refresh would delete
 * candles. Candles that are made of shorter ones are refreshed across it, since those are kept.
 *
 * <p>Each refresh is forced, so that the span alone decides what is computed again. TimescaleDB
 * itself records one range for all that a transaction changes, and none for a candle that somebody
 * damaged.
 */
public final class AggregateRefresh implements WorkAfterCommit<Connection> {

  private static final Logger LOG = LoggerFactory.getLogger(AggregateRefresh.class);

  private static final int MAX_ROWS = 10_000;
  private static final long PIECE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(125);
  private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long FIRST_SLICE = 86_400;
  private static final long MIN_SLICE = 60;
  private static final long MAX_SLICE = 1_000 * 86_400L;

  // Beyond these seconds TimescaleDB has no times; a null is as far as it goes.
  private static final long MIN_SECOND = -210_000_000_000L;
  private static final long MAX_SECOND = 9_220_000_000_000L;

  private static final String SELECT_ROWS =
      """
      select id, from_second, to_second, bucket_seconds is not null
      from :"schema".candle_refresh
      order by to_second desc, id
      limit :limit\
      """;

  private static final String SELECT_BOUNDARY =
      """
      select {boundary}\
      """;

  // Own aggregates are refreshed from the shortest to the longest, named ones in their order.
  private static final String SELECT_AGGREGATES =
      """
      select format('%I.%I', a.view_schema, a.view_name) as name,
        case when a.is_own then substring(a.view_name from '[0-9]+$')::bigint end as seconds,
        a.hypertable_schema = :schema and a.hypertable_name = 'analytics_trades' as is_of_rows,
        f.bucket_width
      from (
        select c.*,
          c.view_schema = :schema and c.view_name ~ '^trade_candles_[0-9]+$' as is_own,
          array_position(
            cast(:named as text[]), format('%I.%I', c.view_schema, c.view_name)) as place
        from timescaledb_information.continuous_aggregates as c) as a
      join _timescaledb_catalog.hypertable as h
        on h.schema_name = a.materialization_hypertable_schema
          and h.table_name = a.materialization_hypertable_name
      join _timescaledb_catalog.continuous_aggs_bucket_function as f on f.mat_hypertable_id = h.id
      where a.is_own or a.place is not null
      order by a.is_own desc, 2, a.place\
      """;

  private static final String SELECT_NAME =
      """
      select format('%I.%I', n.nspname, c.relname)
      from pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace
      where c.oid = coalesce(to_regclass(:inSchema), to_regclass(:asWritten))
        and exists (
          select from timescaledb_information.continuous_aggregates
          where view_schema = n.nspname and view_name = c.relname)\
      """;

  private static final String IS_TIMESCALE =
      "select to_regclass('timescaledb_information.continuous_aggregates') is not null";

  private static final String SELECT_EXTENSION =
      """
      select n.nspname
      from pg_extension as e
      join pg_namespace as n on n.oid = e.extnamespace
      where e.extname = 'timescaledb'\
      """;

  // A window that begins at the boundary needs room for a whole bucket after it. TimescaleDB leaves
  // out the buckets that a window does not hold as a whole.
  private static final String REFRESH =
      """
      call :"extension".refresh_continuous_aggregate(cast(:view as regclass),
        greatest(to_timestamp(:start) - cast(:margin as interval), to_timestamp(:boundary)),
        to_timestamp(:end) + case
          when to_timestamp(:start) - cast(:margin as interval) < to_timestamp(:boundary)
          then 2 * cast(:margin as interval)
          else cast(:margin as interval)
        end,
        force => true)\
      """;

  // Rows are merged from the end of the span to its beginning.
  private static final String REMOVE =
      """
      with removed as (
        delete from :"schema".candle_refresh
        where id = any (cast(:ids as bigint[])) and from_second >= :from)
      update :"schema".candle_refresh
      set to_second = :from
      where id = any (cast(:ids as bigint[])) and from_second < :from and to_second > :from\
      """;

  private record Row(long id, Span span, boolean completesLength) {}

  /** A continuous aggregate; one that a user named has no seconds. */
  private record Aggregate(
      String name, @Nullable Long seconds, boolean isOfRows, String bucketWidth) {}

  private final String schema;
  private final List<String> named;
  private final CandleLengths lengths;
  private final SqlNames names;
  private final AtomicLong slice = new AtomicLong(FIRST_SLICE);

  /**
   * Names the aggregates.
   *
   * @param named those of the user, as he writes them, beside those of the candles, if any
   */
  public AggregateRefresh(String schema, List<String> named) {
    this.schema = schema;
    this.named = named;
    this.lengths = new CandleLengths(schema);
    this.names = SqlNames.inSchema(schema, Map.of("boundary", TradeRetention.BOUNDARY));
  }

  /**
   * Checks that the aggregates of the user exist.
   *
   * @throws InvalidSettingException if one does not
   */
  public void check(Handle handle) {
    List<String> ignored = resolved(handle);
  }

  private List<String> resolved(Handle handle) {
    if (named.isEmpty()) {
      return List.of();
    }
    boolean isTimescale = handle.createQuery(IS_TIMESCALE).mapTo(Boolean.class).one();
    List<String> resolved = new ArrayList<>();
    for (String name : named) {
      Optional<String> found =
          isTimescale
              ? handle
                  .createQuery(SELECT_NAME)
                  .bind("inSchema", Identifiers.asRegclass(schema, name))
                  .bind("asWritten", name)
                  .mapTo(String.class)
                  .findOne()
              : Optional.empty();
      resolved.add(
          found.orElseThrow(
              () ->
                  new InvalidSettingException(
                      "refresh", name, "must be the name of a continuous aggregate")));
    }
    return resolved;
  }

  @Override
  public boolean work(Connection connection) throws SQLException {
    return JoinedTransactions.join(connection, this::work);
  }

  private boolean work(Handle handle) {
    long began = System.nanoTime();
    List<Row> rows =
        handle
            .createQuery(names.fill(SELECT_ROWS))
            .bind("limit", MAX_ROWS)
            .map((row, context) -> row(row))
            .list();
    if (rows.isEmpty()) {
      return false;
    }
    Refresher refresher = new Refresher(handle);
    List<Span> spans = Span.merged(rows.stream().map(Row::span).toList(), RefreshQueue.GAP);
    Collections.reverse(spans);
    UnableToExecuteStatementException failure = null;
    for (Span span : spans) {
      List<Long> ids = rows.stream().filter(row -> span.contains(row.span)).map(Row::id).toList();
      try {
        for (Span left = span; !left.isEmpty(); ) {
          if (System.nanoTime() - began > PIECE_NANOS) {
            return true;
          }
          left = refresher.refreshEnd(left, ids);
        }
      } catch (UnableToExecuteStatementException e) {
        if (!isOfTheSpan(e)) {
          throw e;
        }
        LOG.warn(
            "continuous aggregates from {} to {} were not refreshed: {}",
            span.from(),
            span.to(),
            SqlFailures.reason(e));
        failure = e;
      }
    }
    if (rows.stream().anyMatch(Row::completesLength)) {
      lengths.complete(handle);
    }
    if (failure != null) {
      throw failure;
    }
    return rows.size() == MAX_ROWS;
  }

  // Such a value does not keep other spans from being refreshed.
  private static boolean isOfTheSpan(UnableToExecuteStatementException failure) {
    return SqlFailures.state(failure).startsWith("22");
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(row.getLong(1), new Span(row.getLong(2), row.getLong(3)), row.getBoolean(4));
  }

  /** Refreshes by one connection. */
  private final class Refresher {
    private final Handle handle;
    private final String refresh;
    private final @Nullable Long boundary;
    private final List<Aggregate> aggregates;

    Refresher(Handle handle) {
      this.handle = handle;
      String extension = handle.createQuery(SELECT_EXTENSION).mapTo(String.class).one();
      this.refresh = new SqlNames(Map.of("extension", extension), Map.of()).fill(REFRESH);
      this.boundary =
          handle
              .createQuery(names.fill(SELECT_BOUNDARY))
              .map((row, context) -> Optional.ofNullable(row.getObject(1, Long.class)))
              .one()
              .orElse(null);
      this.aggregates =
          SqlArrays.bind(
                  handle.createQuery(SELECT_AGGREGATES).bind("schema", schema),
                  "named",
                  "text",
                  resolved(handle),
                  name -> name)
              .map(
                  (row, context) ->
                      new Aggregate(
                          row.getString(1),
                          row.getObject(2, Long.class),
                          row.getBoolean(3),
                          row.getString(4)))
              .list();
    }

    /** Refreshes the end of a span: as much as takes neither long nor little. */
    Span refreshEnd(Span span, List<Long> ids) {
      long seconds = slice.get();
      Span end =
          new Span(
              Math.max(span.from(), Math.floorDiv(span.to() - 1, seconds) * seconds), span.to());
      long began = System.nanoTime();
      aggregates.forEach(aggregate -> refresh(aggregate, end));
      long nanos = System.nanoTime() - began;
      if (nanos > LONG_NANOS) {
        slice.set(Math.max(MIN_SLICE, seconds / 2));
      } else if (nanos < SHORT_NANOS && end.from() > span.from()) {
        slice.set(Math.min(MAX_SLICE, seconds * 2));
      }
      SqlArrays.bind(handle.createUpdate(names.fill(REMOVE)), "ids", "bigint", ids, id -> id)
          .bind("from", end.from())
          .execute();
      return new Span(span.from(), end.from());
    }

    private void refresh(Aggregate aggregate, Span span) {
      Long own = aggregate.seconds;
      if (own == null) {
        if (boundary == null || span.to() > boundary) {
          refresh(aggregate, span, boundary, aggregate.bucketWidth);
        }
        return;
      }
      long first = aggregate.isOfRows && boundary != null ? ceiling(boundary, own) : Long.MIN_VALUE;
      Span buckets =
          new Span(Math.max(first, Math.floorDiv(span.from(), own) * own), ceiling(span.to(), own));
      if (!buckets.isEmpty()) {
        refresh(aggregate, buckets, null, "0");
      }
    }

    private void refresh(Aggregate aggregate, Span window, @Nullable Long since, String margin) {
      handle
          .createUpdate(refresh)
          .bind("view", aggregate.name)
          .bind("start", window.from() < MIN_SECOND ? null : window.from())
          .bind("end", window.to() > MAX_SECOND ? null : window.to())
          .bind("boundary", since)
          .bind("margin", margin)
          .execute();
    }
  }

  private static long ceiling(long second, long length) {
    return -Math.floorDiv(-second, length) * length;
  }
}
