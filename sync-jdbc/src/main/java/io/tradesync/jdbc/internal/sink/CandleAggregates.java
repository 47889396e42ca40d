package io.tradesync.jdbc.internal.sink;

import static java.util.stream.Collectors.joining;

import io.tradesync.InvalidSettingException;
import io.tradesync.jdbc.CandleStorage;
import io.tradesync.jdbc.internal.sink.CandleLengths.CandleLength;
import io.tradesync.jdbc.internal.sql.LockWait;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * The continuous aggregates of the candles, one a length, and the view {@code trade_candles} over
 * all of them. A length that a shorter one divides is made of that one's candles.
 *
 * <p>Open and close belong to the smallest and the largest key. TimescaleDB's {@code first} and
 * {@code last} compare a text of second and id, whose bytes are ordered as keys are: every second
 * that a timestamp can have gets 19 digits.
 *
 * <p>The aggregates hold what was refreshed and nothing else ({@code materialized_only}): otherwise
 * each read of a long candle would compute the shorter ones above the newest refresh from rows.
 */
public final class CandleAggregates {

  private static final String IS_TIMESCALE =
      "select to_regclass('timescaledb_information.hypertables') is not null";

  private static final String SELECT_SERVER =
      """
      select n.nspname as schema,
        current_setting('timescaledb.license', true) is distinct from 'apache' as is_community,
        exists (
          select from pg_proc as p
          where p.pronamespace = n.oid and p.proname = 'refresh_continuous_aggregate'
            and 'force' = any (p.proargnames)) as can_force,
        exists (
          select from timescaledb_information.hypertables
          where hypertable_schema = :schema and hypertable_name = 'analytics_trades')
          as is_hypertable,
        string_to_array(split_part(e.extversion, '-', 1), '.')::int[] >= array[2, 25, 2]
          as aligns_refreshes
      from pg_extension as e
      join pg_namespace as n on n.oid = e.extnamespace
      where e.extname = 'timescaledb'\
      """;

  private static final String EXISTS =
      """
      select exists (
        select from timescaledb_information.continuous_aggregates
        where view_schema = :schema and view_name = :view)\
      """;

  private static final String CREATE =
      """
      create materialized view :"schema".:"view"
      with (timescaledb.continuous, timescaledb.materialized_only = true,
        timescaledb.create_group_indexes = false) as
      select chain_id, pool_id, {bucket} as bucket_start, {columns}
      where {condition}
      group by chain_id, pool_id, {bucket}
      with no data\
      """;

  private static final String BUCKET =
      """
      :"extension".time_bucket(interval '{seconds} seconds', {time},
        origin => timestamptz '1970-01-01 00:00:00+00')\
      """;

  private static final String OF_ROWS =
      """
      :"extension".first(price, {key}) as open, max(price) as high, min(price) as low,
        :"extension".last(price, {key}) as close, sum(quantity) as volume,
        sum(volume) as quote_volume, count(*) as trades, min(trade_timestamp) as open_timestamp,
        :"extension".first(trade_id, {key}) as open_id, max(trade_timestamp) as close_timestamp,
        :"extension".last(trade_id, {key}) as close_id
      from :"schema".analytics_trades\
      """;

  private static final String KEY =
      """
      ((5000000000000000000 + trade_timestamp)::text || trade_id) collate "C"\
      """;

  private static final String OF_PARTS =
      """
      :"extension".first(open, bucket_start) as open, max(high) as high, min(low) as low,
        :"extension".last(close, bucket_start) as close, sum(volume) as volume,
        sum(quote_volume) as quote_volume, sum(trades)::bigint as trades,
        :"extension".first(open_timestamp, bucket_start) as open_timestamp,
        :"extension".first(open_id, bucket_start) as open_id,
        :"extension".last(close_timestamp, bucket_start) as close_timestamp,
        :"extension".last(close_id, bucket_start) as close_id
      from :"schema".:"part"\
      """;

  private static final String CREATE_INDEX =
      """
      create index on :"schema".:"view" (chain_id, pool_id, bucket_start)\
      """;

  // Of one length it would be a view that can be written to, if it were not a subquery.
  private static final String CREATE_VIEW =
      """
      create or replace view :"schema".trade_candles as
      select * from (
      {lengths}) as candles\
      """;

  private static final String OF_LENGTH =
      """
      select chain_id, pool_id, {seconds} as bucket_seconds, bucket_start, open, high, low, close,
        volume, quote_volume, trades, open_timestamp, open_id, close_timestamp, close_id
      from :"schema".:"view"\
      """;

  // TimescaleDB's own origin, 2000-01-03. Versions before 2.25.2 align refreshes with it, whatever
  // the origin of an aggregate is, and would compute parts of candles only.
  private static final long OWN_ORIGIN = 946_857_600L;

  /** Failures that are the statement's: the server cannot keep this as a continuous aggregate. */
  private static final Set<String> OF_THE_LENGTH = Set.of("0A", "22", "42", "XX");

  private static final String NO_RIGHTS = "42501";

  private record Server(
      String extension,
      boolean isCommunity,
      boolean canForce,
      boolean isHypertable,
      boolean alignsRefreshes) {}

  private final String schema;
  private final CandleLengths lengths;
  private final RefreshQueue queue;

  /** Takes what is told which time is to be refreshed. */
  public CandleAggregates(String schema, RefreshQueue queue) {
    this.schema = schema;
    this.lengths = new CandleLengths(schema);
    this.queue = queue;
  }

  /**
   * Records the lengths, and creates what is missing; the candles of new lengths are computed by
   * refreshes. The aggregate of a length that is no longer kept stays.
   *
   * @param bucketSeconds the lengths, ascending
   * @throws InvalidSettingException if this server cannot keep candles of a length in this way
   * @throws SQLException also if another session holds a lock for too long; names the session
   */
  public void keep(Handle handle, List<Integer> bucketSeconds) throws SQLException {
    Server server = server(handle);
    List<Integer> added = new ArrayList<>();
    lengths.record(handle, bucketSeconds, added::add);
    boolean ignored =
        LockWait.limit(
            handle,
            schema,
            limited -> {
              lengths
                  .read(limited)
                  .forEach(length -> create(limited, server, length, bucketSeconds));
              createView(limited, bucketSeconds);
              return true;
            });
    added.forEach(seconds -> queue.addAll(handle, seconds));
    lengths.complete(handle);
  }

  private Server server(Handle handle) {
    if (!handle.createQuery(IS_TIMESCALE).mapTo(Boolean.class).one()) {
      throw unusable("needs TimescaleDB, which is not installed in this database");
    }
    Server server =
        handle
            .createQuery(SELECT_SERVER)
            .bind("schema", schema)
            .map(
                (row, context) ->
                    new Server(
                        row.getString(1),
                        row.getBoolean(2),
                        row.getBoolean(3),
                        row.getBoolean(4),
                        row.getBoolean(5)))
            .one();
    if (!server.isHypertable) {
      throw unusable("needs analytics_trades to be a hypertable; see turnIntoHypertable");
    }
    if (!server.isCommunity) {
      throw unusable("needs TimescaleDB's community edition");
    }
    if (!server.canForce) {
      throw unusable("needs a TimescaleDB whose refresh_continuous_aggregate has the option force");
    }
    return server;
  }

  private static InvalidSettingException unusable(String rule) {
    return new InvalidSettingException("candles", CandleStorage.CONTINUOUS_AGGREGATES, rule);
  }

  private void create(Handle handle, Server server, CandleLength length, List<Integer> all) {
    int seconds = length.seconds();
    if (handle
        .createQuery(EXISTS)
        .bind("schema", schema)
        .bind("view", view(seconds))
        .mapTo(Boolean.class)
        .one()) {
      return;
    }
    if (!server.alignsRefreshes && OWN_ORIGIN % seconds != 0) {
      throw unusable(seconds, "before version 2.25.2 it aligns refreshes with 2000-01-03");
    }
    OptionalInt part =
        all.stream()
            .mapToInt(shorter -> shorter)
            .filter(shorter -> shorter < seconds && seconds % shorter == 0)
            .max();
    String bucket =
        BUCKET
            .replace("{seconds}", Integer.toString(seconds))
            .replace("{time}", part.isEmpty() ? "ts" : "bucket_start");
    String columns = part.isEmpty() ? OF_ROWS.replace("{key}", KEY) : OF_PARTS;
    String condition =
        part.isEmpty() ? "price is not null and quantity is not null" : "bucket_start is not null";
    if (!length.keptSince().equals(OffsetDateTime.MIN)) {
      // However far back a refresh reaches, it never computes a candle that misses trades.
      condition +=
          " and %s >= timestamptz '%s'"
              .formatted(part.isEmpty() ? "ts" : "bucket_start", length.keptSince());
    }
    SqlNames names =
        new SqlNames(
            Map.of(
                "schema",
                schema,
                "extension",
                server.extension,
                "view",
                view(seconds),
                "part",
                part.isEmpty() ? "" : view(part.getAsInt())),
            Map.of("bucket", bucket, "columns", columns, "condition", condition));
    try {
      handle.execute(names.fill(CREATE));
      handle.execute(names.fill(CREATE_INDEX));
    } catch (JdbiException e) {
      String state = SqlFailures.state(e);
      if (state.length() < 2
          || state.equals(NO_RIGHTS)
          || !OF_THE_LENGTH.contains(state.substring(0, 2))) {
        throw e;
      }
      throw unusable(seconds, SqlFailures.reason(e));
    }
  }

  private static InvalidSettingException unusable(int seconds, String reason) {
    return new InvalidSettingException(
        "bucketSeconds",
        seconds,
        "must be lengths of which this TimescaleDB can keep continuous aggregates ("
            + reason
            + ")");
  }

  private void createView(Handle handle, List<Integer> bucketSeconds) {
    String union =
        bucketSeconds.stream()
            .map(
                seconds ->
                    new SqlNames(
                            Map.of("schema", schema, "view", view(seconds)),
                            Map.of("seconds", Integer.toString(seconds)))
                        .fill(OF_LENGTH))
            .collect(joining("\nunion all\n"));
    handle.execute(SqlNames.inSchema(schema, Map.of("lengths", union)).fill(CREATE_VIEW));
  }

  /** The aggregate of a length. */
  static String view(int seconds) {
    return "trade_candles_" + seconds;
  }
}
