package io.tradesync.jdbc.internal.ponder;

import io.tradesync.jdbc.internal.sql.Identifiers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.postgresql.core.Notification;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The channel on which Ponder names the tables that it has written. Thread-safe. */
public final class NotificationChannel {

  private static final Logger LOG = LoggerFactory.getLogger(NotificationChannel.class);
  private static final int ANSWER_SECONDS = 5;

  private final DataSource dataSource;
  private final String name;
  private final String quotedTable;

  /**
   * Describes a channel; connects to nothing.
   *
   * @param table the table whose notifications count
   */
  public NotificationChannel(DataSource dataSource, String name, String table) {
    this.dataSource = dataSource;
    this.name = name;
    this.quotedTable = '"' + table.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  public String name() {
    return name;
  }

  /** Takes a connection that listens. */
  public Connection open() throws SQLException {
    Connection connection = dataSource.getConnection();
    try {
      // Otherwise the first statement would begin a transaction that nothing ends.
      connection.setAutoCommit(true);
      execute(connection, "listen " + Identifiers.quote(name));
      return connection;
    } catch (SQLException | RuntimeException e) {
      try (connection) {
        throw e;
      }
    }
  }

  /** Gives a connection back. It no longer listens, since a pool may lend it to others. */
  public void close(Connection connection) {
    try (connection) {
      execute(connection, "unlisten " + Identifiers.quote(name));
    } catch (SQLException e) {
      LOG.debug("the connection for {} was lost before it was closed", name, e);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /**
   * Waits for notifications.
   *
   * @param millis how long to wait at most; at least 1
   * @return how many notifications named the table
   */
  int await(Connection connection, int millis) throws SQLException {
    int count = 0;
    // The driver's public type PGNotification makes javac warn of absent annotation classes.
    Object[] notifications = connection.unwrap(PgConnection.class).getNotifications(millis);
    for (Object received : notifications) {
      if (received instanceof Notification notification
          && notification.getParameter().contains(quotedTable)) {
        count++;
      }
    }
    return count;
  }

  void checkAlive(Connection connection) throws SQLException {
    if (!connection.isValid(ANSWER_SECONDS)) {
      throw new SQLException("the server gives no sign of life", "08006");
    }
  }
}
