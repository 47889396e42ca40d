package io.tradesync.jdbc;

import io.tradesync.InvalidSettingException;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradesyncException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.jdbi.v3.postgres.PostgresPlugin;

/** The only way to the store: everything is a transaction of read committed. Thread-safe. */
final class StoreDatabase {

  /** Work in a transaction. */
  @FunctionalInterface
  interface Work<R> {
    R apply(Handle handle) throws Exception;
  }

  private final Jdbi jdbi;

  StoreDatabase(DataSource dataSource) {
    this.jdbi = Jdbi.create(() -> committing(dataSource)).installPlugin(new PostgresPlugin());
    // Schemas are the user's, and may hold what a template engine would take for its own.
    jdbi.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
  }

  // Jdbi takes a connection that does not commit by itself for one inside a transaction, and would
  // commit nothing.
  private static Connection committing(DataSource dataSource) throws SQLException {
    Connection connection = dataSource.getConnection();
    try {
      connection.setAutoCommit(true);
      return connection;
    } catch (SQLException | RuntimeException e) {
      try (connection) {
        throw e;
      }
    }
  }

  /**
   * Does work in one transaction.
   *
   * @throws SideUnavailableException if no connection can be had
   * @throws Exception what the work threw; an {@link SQLException} bare, since the rest of what
   *     Jdbi says is the statement
   */
  <R> R transact(Work<R> work) throws Exception {
    try {
      return jdbi.inTransaction(TransactionIsolationLevel.READ_COMMITTED, work::apply);
    } catch (ConnectionException e) {
      throw SqlFailures.unavailable(Side.STORE, e);
    } catch (JdbiException e) {
      if (e.getCause() instanceof SQLException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /**
   * Reads in one transaction.
   *
   * @throws SideUnavailableException if the store is gone or too slow
   */
  <R> R read(Work<R> work) {
    try {
      return transact(work);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw SqlFailures.unavailable(Side.STORE, e);
    }
  }

  /** A store that cannot be prepared: gone, or not to be used as it is set. */
  static TradesyncException unusable(String name, String value, Exception failure) {
    return SqlFailures.state(failure).startsWith("42")
        ? new InvalidSettingException(
            name,
            value,
            "must be one in which this user can create tables (" //
                + SqlFailures.reason(failure)
                + ")")
        : SqlFailures.unavailable(Side.STORE, failure);
  }
}
