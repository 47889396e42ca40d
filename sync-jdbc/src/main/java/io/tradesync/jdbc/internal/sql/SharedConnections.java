package io.tradesync.jdbc.internal.sql;

import java.sql.Connection;
import java.sql.SQLException;
import org.jdbi.v3.core.ConnectionFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections of a pool that may have fewer of them than there are threads which want one. Whoever
 * is refused while others of these are in use waits until one is given back: so a run uses fewer
 * lanes and does not take a pool that is too small for a store that is gone. Nobody holds one
 * connection while waiting for another. Thread-safe.
 */
final class SharedConnections implements ConnectionFactory {

  private static final Logger LOG = LoggerFactory.getLogger(SharedConnections.class);

  private final ConnectionFactory connections;
  private int inUse;
  private long givenBack;
  private boolean told;

  SharedConnections(ConnectionFactory connections) {
    this.connections = connections;
  }

  @Override
  public Connection openConnection() throws SQLException {
    while (true) {
      long before = count();
      try {
        Connection connection = connections.openConnection();
        taken();
        return connection;
      } catch (SQLException e) {
        if (!SqlFailures.isOfThePool(e) || !awaitReturn(before)) {
          throw e;
        }
      }
    }
  }

  @Override
  public void closeConnection(Connection connection) throws SQLException {
    try {
      connections.closeConnection(connection);
    } finally {
      returned();
    }
  }

  private synchronized long count() {
    return givenBack;
  }

  private synchronized void taken() {
    inUse++;
  }

  private synchronized void returned() {
    inUse--;
    givenBack++;
    notifyAll();
  }

  /** Waits for a connection that was not given back yet; false if there is none to wait for. */
  private synchronized boolean awaitReturn(long before) {
    if (!told && inUse > 0) {
      told = true;
      LOG.warn(
          "the store's DataSource has only {} connections to give; a run uses as many lanes",
          inUse);
    }
    try {
      while (givenBack == before && inUse > 0) {
        wait();
      }
      return givenBack != before;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
