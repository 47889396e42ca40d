package io.tradesync.jdbc.internal.sink;

import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.LockWait;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hypertable of {@code analytics_trades}: keeps its chunk interval, its compression and its
 * policies in step with the sink's settings. What somebody else set stays as it is, and is logged.
 */
public final class TradeHypertable {

  private static final Logger LOG = LoggerFactory.getLogger(TradeHypertable.class);

  private static final String SELECT_EXTENSION =
      """
      select n.nspname as schema, current_setting('timescaledb.license', true) = 'apache' as apache,
        exists (
          select from pg_proc as p
          where p.pronamespace = n.oid and p.proname = 'add_columnstore_policy') as has_columnstore
      from pg_extension as e
      join pg_namespace as n on n.oid = e.extnamespace
      where e.extname = 'timescaledb'\
      """;

  private static final String IS_HYPERTABLE =
      """
      select exists (
        select from timescaledb_information.hypertables
        where hypertable_schema = :schema and hypertable_name = 'analytics_trades')\
      """;

  // The rows move into chunks while the table is locked.
  private static final String CONVERT =
      """
      select :"extension".create_hypertable(
        cast(:table as regclass), 'ts', migrate_data => true, create_default_indexes => false,
        chunk_time_interval => make_interval(secs => :seconds))\
      """;

  // The interval that TimescaleDB chose by itself is nobody's setting.
  private static final String SELECT_CHUNK_INTERVAL =
      """
      select extract(epoch from time_interval)::bigint, cast(null as integer), time_interval::text
      from timescaledb_information.dimensions
      where format('%I.%I', hypertable_schema, hypertable_name)::regclass = cast(:table as regclass)
        and column_name = 'ts'
        and (time_interval <> interval '7 days' or exists (
          select from :"schema".analytics_setting where name = 'chunkInterval'))\
      """;

  private static final String SET_CHUNK_INTERVAL =
      """
      select :"extension".set_chunk_time_interval(
        cast(:table as regclass), make_interval(secs => :seconds))\
      """;

  private static final String RESET_CHUNK_INTERVAL =
      """
      select :"extension".set_chunk_time_interval(cast(:table as regclass), interval '7 days')\
      """;

  // A period that is not counted from the age of the rows has no seconds.
  private static final String SELECT_POLICY =
      """
      select extract(epoch from (config ->> '{period}')::interval)::bigint, job_id,
        coalesce(config ->> '{period}', config::text)
      from timescaledb_information.jobs
      where proc_name = '{policy}'
        and hypertable_name is not null
        and format('%I.%I', hypertable_schema, hypertable_name)::regclass
          = cast(:table as regclass)\
      """;

  private static final String ADD_COLUMNSTORE_POLICY =
      """
      call :"extension".add_columnstore_policy(
        cast(:table as regclass), after => make_interval(secs => :seconds))\
      """;

  private static final String REMOVE_COLUMNSTORE_POLICY =
      """
      call :"extension".remove_columnstore_policy(cast(:table as regclass))\
      """;

  private static final String ADD_COMPRESSION_POLICY =
      """
      select :"extension".add_compression_policy(
        cast(:table as regclass), make_interval(secs => :seconds))\
      """;

  private static final String REMOVE_COMPRESSION_POLICY =
      """
      select :"extension".remove_compression_policy(cast(:table as regclass))\
      """;

  private static final String ADD_RETENTION_POLICY =
      """
      select :"extension".add_retention_policy(
        cast(:table as regclass), make_interval(secs => :seconds))\
      """;

  private static final String REMOVE_RETENTION_POLICY =
      """
      select :"extension".remove_retention_policy(cast(:table as regclass))\
      """;

  private static final String SELECT_COMPRESSION =
      """
      select coalesce(segmentby, '') as segment_by, coalesce(orderby, '') as order_by
      from timescaledb_information.hypertables
      join timescaledb_information.hypertable_compression_settings
        on hypertable = format('%I.%I', hypertable_schema, hypertable_name)::regclass
      where hypertable = cast(:table as regclass) and compression_enabled\
      """;

  // Ordered by the key alone: a late trade and a change then look into the batches of their second,
  // and not into one of each pool.
  private static final String ENABLE_COLUMNSTORE =
      """
      alter table :"schema".analytics_trades set (timescaledb.enable_columnstore,
        timescaledb.segmentby = '', timescaledb.orderby = 'ts, trade_id')\
      """;

  private static final String ENABLE_COMPRESSION =
      """
      alter table :"schema".analytics_trades set (timescaledb.compress,
        timescaledb.compress_segmentby = '', timescaledb.compress_orderby = 'ts, trade_id')\
      """;

  private static final Duration DEFAULT_CHUNK_INTERVAL = Duration.ofDays(7);

  /** The extension in this database. */
  private record Extension(String schema, boolean apache, boolean hasColumnstore) {}

  private final String schema;
  private final String table;
  private final HypertableSettings settings;

  public TradeHypertable(String schema, HypertableSettings settings) {
    this.schema = schema;
    this.table = Identifiers.asRegclass(schema, "analytics_trades");
    this.settings = settings;
  }

  /**
   * Brings the hypertable in step with the settings. The caller holds the row of {@link SinkOwner}.
   *
   * @throws SQLException also if another session holds a lock for too long; names the session
   */
  public void keepInStep(Handle handle) throws SQLException {
    Optional<Extension> extension =
        handle
            .createQuery(SELECT_EXTENSION)
            .map(
                (row, context) ->
                    new Extension(row.getString(1), row.getBoolean(2), row.getBoolean(3)))
            .findOne();
    if (extension.isEmpty()) {
      if (!settings.areNone()) {
        LOG.info("{} is a plain table: no chunk interval and no policy is set", table);
      }
      return;
    }
    if (isHypertable(handle) || convert(handle, extension.get())) {
      LockWait.limit(handle, schema, limited -> keepInStep(limited, extension.get()));
    }
  }

  private HypertableSettings keepInStep(Handle handle, Extension extension) {
    if (settings.compressAfter().isPresent() && !extension.apache) {
      enableCompression(handle, extension);
    }
    for (HypertableSetting setting : settings(extension)) {
      setting.keepInStep(handle, schema, table);
    }
    return settings;
  }

  private List<HypertableSetting> settings(Extension extension) {
    HypertableSetting chunks =
        new HypertableSetting(
            "chunkInterval",
            settings.chunkInterval(),
            new HypertableSetting.Statements(
                fill(extension, SELECT_CHUNK_INTERVAL),
                fill(extension, SET_CHUNK_INTERVAL),
                fill(extension, RESET_CHUNK_INTERVAL)));
    if (extension.apache) {
      if (settings.compressAfter().isPresent() || settings.retainFor().isPresent()) {
        LOG.warn("{}: TimescaleDB's Apache edition has no policies, so none is set", table);
      }
      return List.of(chunks);
    }
    HypertableSetting compression =
        new HypertableSetting(
            "compressAfter",
            settings.compressAfter(),
            policy(
                extension,
                Map.of("policy", "policy_compression", "period", "compress_after"),
                extension.hasColumnstore ? ADD_COLUMNSTORE_POLICY : ADD_COMPRESSION_POLICY,
                extension.hasColumnstore ? REMOVE_COLUMNSTORE_POLICY : REMOVE_COMPRESSION_POLICY));
    HypertableSetting retention =
        new HypertableSetting(
            "retainFor",
            settings.retainFor(),
            policy(
                extension,
                Map.of("policy", "policy_retention", "period", "drop_after"),
                ADD_RETENTION_POLICY,
                REMOVE_RETENTION_POLICY));
    return List.of(chunks, compression, retention);
  }

  private HypertableSetting.Statements policy(
      Extension extension, Map<String, String> job, String add, String remove) {
    return new HypertableSetting.Statements(
        new SqlNames(Map.of(), job).fill(SELECT_POLICY),
        fill(extension, add),
        fill(extension, remove));
  }

  private String fill(Extension extension, String statement) {
    Map<String, String> identifiers = Map.of("extension", extension.schema(), "schema", schema);
    return new SqlNames(identifiers, Map.of()).fill(statement);
  }

  /** Enables compression, unless somebody else has done so. */
  private void enableCompression(Handle handle, Extension extension) {
    Optional<String> enabled =
        handle
            .createQuery(SELECT_COMPRESSION)
            .bind("table", table)
            .map((row, context) -> row.getString(1) + "|" + row.getString(2))
            .findOne();
    if (enabled.isEmpty()) {
      handle.execute(
          fill(extension, extension.hasColumnstore ? ENABLE_COLUMNSTORE : ENABLE_COMPRESSION));
    } else if (!enabled.get().equals("|ts,trade_id")) {
      LOG.info(
          "{} is compressed with settings of its own, segment-by|order-by {}",
          table,
          enabled.get());
    }
  }

  private boolean isHypertable(Handle handle) {
    return handle.createQuery(IS_HYPERTABLE).bind("schema", schema).mapTo(Boolean.class).one();
  }

  /** Turns the plain table into a hypertable, if the settings say so. */
  private boolean convert(Handle handle, Extension extension) throws SQLException {
    if (!settings.convert()) {
      LOG.warn(
          "{} is a plain table, because it was created before TimescaleDB was installed; it stays"
              + " one unless the sink's turnIntoHypertable is set",
          table);
      return false;
    }
    LOG.info("turning {} into a hypertable, under a lock that lasts until it is done", table);
    Duration interval = settings.chunkInterval().orElse(DEFAULT_CHUNK_INTERVAL);
    Connection connection = handle.getConnection();
    int networkTimeout = connection.getNetworkTimeout();
    try {
      connection.setNetworkTimeout(Runnable::run, 0);
      return LockWait.limit(
          handle,
          schema,
          limited -> {
            limited
                .createQuery(fill(extension, CONVERT))
                .bind("table", table)
                .bind("seconds", interval.toSeconds())
                .mapTo(String.class)
                .one();
            return true;
          });
    } finally {
      connection.setNetworkTimeout(Runnable::run, networkTimeout);
    }
  }
}
