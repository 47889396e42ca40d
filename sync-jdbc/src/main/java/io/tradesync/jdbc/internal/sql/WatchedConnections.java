package io.tradesync.jdbc.internal.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionFactory;

/** Connections whose server may go silent without holding a thread for ever. Thread-safe. */
public record WatchedConnections(DataSource dataSource, int silenceMillis)
    implements ConnectionFactory {

  /** The server itself answers within the statement's timeout. */
  public static WatchedConnections of(DataSource dataSource, Duration statementTimeout) {
    return new WatchedConnections(
        dataSource, Math.toIntExact(statementTimeout.multipliedBy(2).plusSeconds(5).toMillis()));
  }

  @Override
  public Connection openConnection() throws SQLException {
    Connection connection = dataSource.getConnection();
    try {
      // Jdbi takes a connection that does not commit by itself for one inside a transaction, and
      // would commit nothing.
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
