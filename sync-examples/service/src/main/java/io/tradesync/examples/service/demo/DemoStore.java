package io.tradesync.examples.service.demo;

import io.tradesync.examples.service.embedded.EmbeddedServers;
import io.tradesync.examples.service.settings.DeclaredSettings;
import io.tradesync.examples.service.settings.StartException;
import io.tradesync.examples.service.verify.Sql;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The store of the demo: an embedded database, or a new one on the server that the user names. What
 * the user has there stays as it is.
 */
final class DemoStore implements AutoCloseable {

  private static final String HAS_TIMESCALE =
      "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'";

  private final String url;
  private final @Nullable Sql server;
  private final @Nullable String database;

  private DemoStore(String url, @Nullable Sql server, @Nullable String database) {
    this.url = url;
    this.server = server;
    this.database = database;
  }

  static DemoStore embedded(EmbeddedServers servers) {
    return new DemoStore(servers.postgresUrl("analytics"), null, null);
  }

  /**
   * Creates a database on a server, with TimescaleDB if the named database has it.
   *
   * @param named the JDBC URL of a database of that server
   * @throws StartException if that fails, as without the right to create databases
   */
  static DemoStore on(String named) {
    Sql server = new Sql(named);
    String database = "tradesync_demo_" + UUID.randomUUID().toString().substring(0, 8);
    try {
      boolean withTimescale = !server.texts(HAS_TIMESCALE).isEmpty();
      server.update("CREATE DATABASE " + database);
      DemoStore store = new DemoStore(inDatabase(named, database), server, database);
      if (withTimescale) {
        store.sql().update("CREATE EXTENSION IF NOT EXISTS timescaledb");
      }
      return store;
    } catch (IllegalStateException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StartException(
          "%s: the demo cannot create a database there: %s"
              .formatted(DeclaredSettings.ANALYTICS_JDBC_URL.name(), cause.getMessage()),
          e);
    }
  }

  private static String inDatabase(String url, String database) {
    int parameters = url.indexOf('?') < 0 ? url.length() : url.indexOf('?');
    return url.substring(0, url.lastIndexOf('/', parameters) + 1)
        + database
        + url.substring(parameters);
  }

  String url() {
    return url;
  }

  Sql sql() {
    return new Sql(url);
  }

  /** Names the server and its versions, without an address or a password. */
  String description() {
    List<String> timescale = sql().texts(HAS_TIMESCALE);
    return "%s, PostgreSQL %s %s"
        .formatted(
            database == null ? "embedded" : "the database " + database,
            sql().texts("SHOW server_version").get(0),
            timescale.isEmpty() ? "without TimescaleDB" : "with TimescaleDB " + timescale.get(0));
  }

  /** Drops the database, unless it is embedded. */
  @Override
  public void close() {
    if (server != null) {
      server.update("DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
    }
  }
}
