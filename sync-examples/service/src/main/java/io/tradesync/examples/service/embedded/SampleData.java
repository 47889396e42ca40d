package io.tradesync.examples.service.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;

/** Creates the tables of a Ponder indexer, and some sample trades. */
public final class SampleData {

  private SampleData() {}

  /** Creates the tables of an order-book indexer, with one pool. Takes a JDBC URL. */
  public static void createTables(String url) {
    execute(url, "tables.sql");
  }

  /** Adds twelve trades of the last minutes. Takes a JDBC URL. */
  public static void addTrades(String url) {
    execute(url, "trades.sql");
  }

  private static void execute(String url, String script) {
    try (InputStream in = SampleData.class.getResourceAsStream(script);
        Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(
          new String(Objects.requireNonNull(in, script).readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(script, e);
    }
  }
}
