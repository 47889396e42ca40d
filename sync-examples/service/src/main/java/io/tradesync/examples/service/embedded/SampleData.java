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

/** Plays Ponder where there is none: makes its tables, and some trades to look at. */
public final class SampleData {

  private SampleData() {}

  /**
   * Makes the tables of an order-book indexer, with one pool.
   *
   * @param url the database
   */
  public static void createTables(String url) {
    execute(url, "tables.sql");
  }

  /**
   * Makes a handful of trades of the last minutes.
   *
   * @param url the database, with its tables
   */
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
