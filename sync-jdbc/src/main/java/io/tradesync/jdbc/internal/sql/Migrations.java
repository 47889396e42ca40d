package io.tradesync.jdbc.internal.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tradesync.InvalidSettingException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Brings the tables of one component up to date, in the caller's transaction: all of it or nothing,
 * and one process at a time. {@code tradesync_migration} records the versions that were applied.
 */
public final class Migrations {

  public static final Migrations LOG =
      new Migrations(
          "log",
          "log schema",
          List.of(
              "V1__log_runs_and_leases.sql",
              "V2__verification.sql",
              "V3__parking.sql",
              "V4__failed_content.sql",
              "V5__names.sql",
              "V6__revisions.sql",
              "V7__unreadable_rows.sql",
              "V8__cancel.sql",
              "V9__retention.sql",
              "V10__hand_outs.sql",
              "V11__kept_trades.sql",
              "V12__log_retention.sql",
              "V13__outside_key_order.sql",
              "V14__accepted_failures.sql",
              "V15__store_differences.sql",
              "V16__commit_guard.sql",
              "V17__forced_trades.sql",
              "V18__scope.sql",
              "V19__attribute_names.sql",
              "V20__work_outside.sql",
              "V21__compared_since.sql",
              "V22__accepted_outside_rows.sql",
              "V23__figure_times.sql",
              "V24__retracted_ids.sql",
              "V25__hand_out_room.sql"));
  public static final Migrations ANALYTICS =
      new Migrations(
          "analytics",
          "sink schema",
          List.of(
              "V1__trades_and_candles.sql",
              "V2__candle_lengths.sql",
              "V3__retention.sql",
              "V4__hypertable_settings.sql",
              "V5__queries.sql",
              "V6__candles_by_time.sql",
              "V7__candle_refresh.sql",
              "V8__candles_begin.sql",
              "V9__candles_by_key.sql"));

  private static final String CREATE_HISTORY =
      """
      create table if not exists tradesync_migration (
        component text not null,
        version integer not null,
        applied_at timestamptz not null default now(),
        primary key (component, version)
      )\
      """;

  private static final String SCHEMA_EXISTS =
      "select exists (select from pg_namespace where nspname = :schema)";

  private static final String SET_SEARCH_PATH = "select set_config('search_path', :path, true)";

  private static final String HISTORY_EXISTS = "select to_regclass(:history) is not null";

  private static final String LAST_APPLIED =
      """
      select coalesce(max(version), 0)
      from :"schema".tradesync_migration
      where component = :component\
      """;

  private static final String RECORD =
      "insert into tradesync_migration (component, version) values (:component, :version)";

  // Any number that no other program uses: the bytes of "trdsync" read as one.
  static final long ADVISORY_LOCK = 0x747264_73796e63L;

  private final String component;
  private final String setting;
  private final List<String> files;

  private Migrations(String component, String setting, List<String> files) {
    this.component = component;
    this.setting = setting;
    this.files = files;
  }

  /**
   * Applies the versions that are missing. If none is missing, rights on rows are enough.
   *
   * @param connection a connection with a transaction open
   * @param schema the schema of the tables; created if absent
   * @throws InvalidSettingException if the schema is newer than this library
   * @throws SQLException also if another session holds a lock for too long; names the session
   */
  public void apply(Connection connection, String schema) throws SQLException {
    Connection open = SinkConnection.unguarded(connection);
    int networkTimeout = open.getNetworkTimeout();
    try {
      JoinedTransactions.join(
          open,
          handle -> {
            if (applied(handle, schema) < files.size()) {
              open.setNetworkTimeout(Runnable::run, 0);
              return LockWait.limit(handle, schema, limited -> apply(limited, schema));
            }
            return files.size();
          });
    } finally {
      open.setNetworkTimeout(Runnable::run, networkTimeout);
    }
  }

  private int applied(Handle handle, String schema) {
    String history = Identifiers.asRegclass(schema, "tradesync_migration");
    if (!handle.createQuery(HISTORY_EXISTS).bind("history", history).mapTo(Boolean.class).one()) {
      return 0;
    }
    String statement = SqlNames.inSchema(schema, Map.of()).fill(LAST_APPLIED);
    int version =
        handle.createQuery(statement).bind("component", component).mapTo(Integer.class).one();
    if (version > files.size()) {
      throw new InvalidSettingException(
          setting,
          schema + ", at version " + version,
          "must be at a version up to " + files.size() + ", the last one that this library knows");
    }
    return version;
  }

  private int apply(Handle handle, String schema) throws SQLException {
    handle.execute("select pg_advisory_xact_lock(" + ADVISORY_LOCK + ")");
    // A server may forget trades in a crash, because they become gaps. It must not forget a table.
    handle.execute("set local synchronous_commit = on");
    if (!handle.createQuery(SCHEMA_EXISTS).bind("schema", schema).mapTo(Boolean.class).one()) {
      handle.execute("create schema " + Identifiers.quote(schema));
    }
    String before =
        handle.createQuery("select current_setting('search_path')").mapTo(String.class).one();
    setSearchPath(handle, Identifiers.inSearchPath(schema));
    handle.execute(CREATE_HISTORY);
    int version = applied(handle, schema);
    while (version < files.size()) {
      // Not with Jdbi, which would take apart what the files quote.
      try (Statement statement = handle.getConnection().createStatement()) {
        statement.execute(read(files.get(version)));
      }
      version++;
      handle.createUpdate(RECORD).bind("component", component).bind("version", version).execute();
    }
    setSearchPath(handle, before);
    return version;
  }

  private static void setSearchPath(Handle handle, String path) {
    handle.createUpdate(SET_SEARCH_PATH).bind("path", path).execute();
  }

  private String read(String file) {
    String path = "/io/tradesync/jdbc/migrations/" + component + "/" + file;
    try (InputStream stream = Migrations.class.getResourceAsStream(path)) {
      if (stream == null) {
        throw new IllegalStateException("not in the jar: " + path);
      }
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
