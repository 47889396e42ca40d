package io.tradesync.examples.service.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;

/** An embedded PostgreSQL, protected by a random password. */
final class EmbeddedPostgresServer implements AutoCloseable {

  private static final String SETTINGS = "PONDER_JDBC_URL and ANALYTICS_JDBC_URL";

  private final PostgresPrograms programs;
  private final Path data;
  private final int port;
  private final String password;

  private EmbeddedPostgresServer(PostgresPrograms programs, Path data, int port, String password) {
    this.programs = programs;
    this.data = data;
    this.port = port;
    this.password = password;
  }

  static EmbeddedPostgresServer start(Path directory) {
    try {
      PostgresPrograms programs = PostgresPrograms.unpack(directory.resolve("programs"));
      Path data = directory.resolve("postgres");
      String password = newPassword();
      int port = EmbeddedServers.freePort();
      Path passwordFile = Files.writeString(directory.resolve("password"), password);
      programs.run(
          "initdb",
          "--pgdata=" + data,
          "--username=postgres",
          "--pwfile=" + passwordFile,
          "--auth=scram-sha-256",
          "--encoding=UTF8",
          "--locale=C",
          "--no-sync");
      Files.writeString(
          data.resolve("postgresql.auto.conf"),
          """
          port = %s
          listen_addresses = '127.0.0.1'
          unix_socket_directories = ''
          fsync = off
          """
              .formatted(port));
      programs.run(
          "pg_ctl", "start", "-w", "-t", "30", "-D", data.toString(), "-l", data + "/log.txt");
      return new EmbeddedPostgresServer(programs, data, port, password);
    } catch (IOException e) {
      throw new EmbeddedStartException("PostgreSQL", SETTINGS, e);
    }
  }

  static String newPassword() {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /** Creates a database unless it exists; returns its JDBC URL. */
  String database(String name) {
    try (Connection connection = DriverManager.getConnection(url("postgres"));
        Statement statement = connection.createStatement();
        ResultSet same =
            statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + name + "'")) {
      if (!same.next()) {
        statement.execute("CREATE DATABASE " + name);
      }
      return url(name);
    } catch (SQLException e) {
      throw new EmbeddedStartException("PostgreSQL", SETTINGS, e);
    }
  }

  private String url(String database) {
    return "jdbc:postgresql://127.0.0.1:%s/%s?user=postgres&password=%s"
        .formatted(port, database, password);
  }

  @Override
  public void close() throws IOException {
    programs.run("pg_ctl", "stop", "-w", "-t", "10", "-m", "fast", "-D", data.toString());
  }
}
