package io.tradesync.jdbc.internal.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionFactory;

/**
 * Connections with a network timeout, so that a server that falls silent does not hold a thread for
 * ever. Thread-safe.
 */
public record TimedConnections(DataSource dataSource, int silenceMillis)
    implements ConnectionFactory {

  /** Waits well beyond the statement timeout, after which the server itself answers. */
  public static TimedConnections of(DataSource dataSource, Duration statementTimeout) {
    return new TimedConnections(
        dataSource, Math.toIntExact(statementTimeout.multipliedBy(2).plusSeconds(5).toMillis()));
  }

  @Override
  public Connection openConnection() throws SQLException {
    Connection connection = dataSource.getConnection();
    try {
      // Without auto-commit Jdbi believes that a transaction is open already, and commits nothing.
      connection.setAutoCommit(true);
      if (connection.getNetworkTimeout() == 0) {
        connection.setNetworkTimeout(Runnable::run, silenceMillis);
      }
      return connection;
    } catch (SQLException | RuntimeException e) {
      try (connection) {
        throw e;
      }
    }
  }

  @Override
  public void closeConnection(Connection connection) throws SQLException {
    try (connection) {
      if (!connection.isClosed() && connection.getNetworkTimeout() == silenceMillis) {
        connection.setNetworkTimeout(Runnable::run, 0);
      }
    }
  }
}
