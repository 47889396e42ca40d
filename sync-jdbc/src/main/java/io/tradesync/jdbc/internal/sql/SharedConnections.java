package io.tradesync.jdbc.internal.sql;

import java.sql.Connection;
import java.sql.SQLException;
import org.jdbi.v3.core.ConnectionFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections of a pool that may have fewer connections than there are threads. A thread that gets
 * none while others are in use waits until one is given back. So a small pool makes a run use fewer
 * workers, and is not taken for a store that cannot be reached. No thread holds one connection
 * while it waits for another. Thread-safe.
 */
final class SharedConnections implements ConnectionFactory {

  private static final Logger LOG = LoggerFactory.getLogger(SharedConnections.class);

  private final ConnectionFactory connections;
  private int inUse;
  private long givenBack;
  private boolean warned;

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

  /** Waits until a connection is given back; false if none is in use. */
  private synchronized boolean awaitReturn(long before) {
    if (!warned && inUse > 0) {
      warned = true;
      LOG.warn("the store's DataSource has only {} connections; a run uses as many workers", inUse);
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
