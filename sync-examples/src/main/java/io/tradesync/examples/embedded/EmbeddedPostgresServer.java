package io.tradesync.examples.embedded;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;

/** A PostgreSQL of this process's own; only who knows its random password can use it. */
final class EmbeddedPostgresServer implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(30);

  private final EmbeddedPostgres server;
  private final String password;

  private EmbeddedPostgresServer(EmbeddedPostgres server, String password) {
    this.server = server;
    this.password = password;
  }

  static EmbeddedPostgresServer start(Path directory) {
    String password = newPassword();
    Path passwordFile = directory.resolve("password");
    try {
      Files.writeString(passwordFile, password);
      EmbeddedPostgres server =
          EmbeddedPostgres.builder()
              // Of its own, since the library remembers by resolver where it unpacked.
              .setPgBinaryResolver(
                  (system, machine) ->
                      DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machine))
              .setOverrideWorkingDirectory(directory.resolve("programs").toFile())
              .setDataDirectory(directory.resolve("postgres"))
              .setCleanDataDirectory(true)
              .setRegisterShutdownHook(false)
              .setLocaleConfig("pwfile", passwordFile.toString())
              .setLocaleConfig("locale", "C")
              .setDataDirectoryCustomizer(EmbeddedPostgresServer::requirePassword)
              .setConnectConfig("password", password)
              .setServerConfig("unix_socket_directories", "")
              .setPGStartupWait(START)
              .start();
      return new EmbeddedPostgresServer(server, password);
    } catch (IOException | RuntimeException e) {
      throw new EmbeddedStartException("PostgreSQL", "PONDER_JDBC_URL and ANALYTICS_JDBC_URL", e);
    }
  }

  static String newPassword() {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  private static void requirePassword(File dataDirectory) {
    try {
      Files.writeString(
          dataDirectory.toPath().resolve("pg_hba.conf"),
          """
          host all all 127.0.0.1/32 scram-sha-256
          host all all ::1/128 scram-sha-256
          """);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String database(String name) {
    try (Connection connection = DriverManager.getConnection(url("postgres"));
        Statement statement = connection.createStatement()) {
      boolean there;
      try (ResultSet row =
          statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + name + "'")) {
        there = row.next();
      }
      if (!there) {
        statement.executeUpdate("CREATE DATABASE " + name);
      }
      return url(name);
    } catch (SQLException e) {
      throw new EmbeddedStartException("PostgreSQL", "PONDER_JDBC_URL and ANALYTICS_JDBC_URL", e);
    }
  }

  private String url(String database) {
    return "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres&password=%s"
        .formatted(server.getPort(), database, password);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
