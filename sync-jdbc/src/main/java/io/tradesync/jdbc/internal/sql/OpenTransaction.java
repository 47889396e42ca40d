package io.tradesync.jdbc.internal.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks a transaction before its commit, and ends one from another thread. */
public final class OpenTransaction {

  private static final Logger LOG = LoggerFactory.getLogger(OpenTransaction.class);

  private OpenTransaction() {}

  /**
   * Checks that a commit will commit. PostgreSQL answers the commit of a failed transaction with
   * ROLLBACK, and the driver (42.7) says nothing about it; a transaction that has ended it does not
   * commit at all. Costs no round trip, unless the DataSource hides the driver's connection.
   *
   * @throws SQLException if the transaction has failed or has ended
   */
  public static void checkCommittable(Connection connection) throws SQLException {
    if (!connection.isWrapperFor(BaseConnection.class)) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("select 1");
      }
      return;
    }
    TransactionState state = connection.unwrap(BaseConnection.class).getTransactionState();
    if (state == TransactionState.FAILED) {
      throw new SQLException(
          "a failure in the transaction was ignored, so that PostgreSQL would answer its commit"
              + " with a rollback");
    }
    if (state == TransactionState.IDLE) {
      throw new SQLException("the transaction was ended by another than the log");
    }
  }

  /** Returns whether the transaction has failed and not yet ended; false if nobody can tell. */
  static boolean hasFailed(Connection connection) {
    try {
      return connection.isWrapperFor(BaseConnection.class)
          && connection.unwrap(BaseConnection.class).getTransactionState()
              == TransactionState.FAILED;
    } catch (SQLException e) {
      return false;
    }
  }

  /** Ends the transaction of another thread: cancels its statement and closes its connection. */
  public static void abort(Connection connection) {
    try {
      if (connection.isWrapperFor(PGConnection.class)) {
        connection.unwrap(PGConnection.class).cancelQuery();
      }
    } catch (SQLException e) {
      LOG.debug("a statement could not be cancelled: {}", SqlFailures.reason(e));
    }
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      LOG.warn("a connection could not be aborted: {}", SqlFailures.reason(e));
    }
  }
}
