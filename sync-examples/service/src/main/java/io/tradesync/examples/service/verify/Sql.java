package io.tradesync.examples.service.verify;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** One database, asked with one connection a statement: slow, and easy to trust. */
public final class Sql {

  private final String url;

  /**
   * Names a database.
   *
   * @param url its JDBC URL
   */
  public Sql(String url) {
    this.url = url;
  }

  /**
   * Reads the first column.
   *
   * @param sql the query
   * @param values its parameters
   * @return one text a row
   */
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

  /**
   * Reads one number.
   *
   * @param sql the query
   * @param values its parameters
   * @return the number
   */
  public long number(String sql, Object... values) {
    return Long.parseLong(texts(sql, values).get(0));
  }

  /**
   * Changes something.
   *
   * @param sql one statement, or several without parameters
   * @param values its parameters
   */
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
