package io.tradesync.examples.service.verify;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Plain SQL on one database, with a connection for each statement: slow, and easy to trust. */
public final class Sql {

  private final String url;

  /** Takes the JDBC URL of the database. */
  public Sql(String url) {
    this.url = url;
  }

  /** Returns the first column of a query, one text for each row. */
  public List<String> texts(String sql, Object... values) {
    try (Connection connection = DriverManager.getConnection(url);
        PreparedStatement statement = prepare(connection, sql, values);
        ResultSet rows = statement.executeQuery()) {
      List<String> texts = new ArrayList<>();
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
      return texts;
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  /** Returns the one number that a query yields. */
  public long number(String sql, Object... values) {
    return Long.parseLong(texts(sql, values).get(0));
  }

  /** Executes one statement, or several that have no parameters. */
  public void update(String sql, Object... values) {
    try (Connection connection = DriverManager.getConnection(url);
        PreparedStatement statement = prepare(connection, sql, values)) {
      statement.execute();
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private static PreparedStatement prepare(Connection connection, String sql, Object... values)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }
}
