package io.tradesync.jdbc.internal.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Brings the tables of one component up to date, in the caller's transaction: all of it or nothing,
 * and one process at a time. What was applied stands in {@code tradesync_migration}.
 */
public final class Migrations {

  public static final Migrations LOG =
      new Migrations(
          "log",
          List.of(
              "V1__log_runs_and_leases.sql",
              "V2__verification.sql",
              "V3__parking.sql",
              "V4__failed_content.sql"));
  public static final Migrations ANALYTICS =
      new Migrations("analytics", List.of("V1__trades_and_candles.sql"));

  // Any number will do, as long as nobody else takes it: the bytes of "trdsync" read as one.
  private static final long ADVISORY_LOCK = 0x747264_73796e63L;

  private final String component;
  private final List<String> files;

  private Migrations(String component, List<String> files) {
    this.component = component;
    this.files = files;
  }

  /**
   * Applies what is missing.
   *
   * @param connection a connection with a transaction open
   * @param schema where the tables live; created if absent
   */
  public void apply(Connection connection, String schema) throws SQLException {
    int patience = connection.getNetworkTimeout();
    connection.setNetworkTimeout(Runnable::run, 0);
    try (Statement statement = connection.createStatement()) {
      // An index over millions of rows takes as long as it takes.
      statement.execute("set local statement_timeout = 0");
      statement.execute("select pg_advisory_xact_lock(" + ADVISORY_LOCK + ")");
      // Trades that a server forgets in a crash are gaps; tables are made only once.
      statement.execute("set local synchronous_commit = on");
      if (!schemaExists(connection, schema)) {
        statement.execute("create schema " + Identifiers.quote(schema));
      }
      String before = searchPath(statement);
      setSearchPath(connection, Identifiers.inSearchPath(schema));
      statement.execute(
          """
          create table if not exists tradesync_migration (
            component text not null,
            version integer not null,
            applied_at timestamptz not null default now(),
            primary key (component, version)
          )""");
      for (int version = applied(connection) + 1; version <= files.size(); version++) {
        statement.execute(read(files.get(version - 1)));
        record(connection, version);
      }
      setSearchPath(connection, before);
    } finally {
      connection.setNetworkTimeout(Runnable::run, patience);
    }
  }

  private static boolean schemaExists(Connection connection, String schema) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement("select 1 from pg_namespace where nspname = ?")) {
      query.setString(1, schema);
      try (ResultSet found = query.executeQuery()) {
        return found.next();
      }
    }
  }

  private static String searchPath(Statement statement) throws SQLException {
    try (ResultSet path = statement.executeQuery("select current_setting('search_path')")) {
      path.next();
      return path.getString(1);
    }
  }

  private static void setSearchPath(Connection connection, String path) throws SQLException {
    try (PreparedStatement set =
        connection.prepareStatement("select set_config('search_path', ?, true)")) {
      set.setString(1, path);
      set.execute();
    }
  }

  private int applied(Connection connection) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "select coalesce(max(version), 0) from tradesync_migration where component = ?")) {
      query.setString(1, component);
      try (ResultSet version = query.executeQuery()) {
        version.next();
        return version.getInt(1);
      }
    }
  }

  private void record(Connection connection, int version) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into tradesync_migration (component, version) values (?, ?)")) {
      insert.setString(1, component);
      insert.setInt(2, version);
      insert.execute();
    }
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
