package io.tradesync.jdbc.internal.sql;

import java.sql.Connection;
import java.sql.SQLException;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;

/**
 * Executes statements in transactions that somebody else opens and ends. All of them share one
 * Jdbi, so that each statement is parsed once. Thread-safe.
 */
public final class JoinedTransactions {

  private final ThreadLocal<Connection> joined = new ThreadLocal<>();
  private final Jdbi jdbi;

  public JoinedTransactions() {
    this.jdbi = Jdbi.create(new JoinedConnection());
    jdbi.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
  }

  /** Does work in the transaction that is open on a connection. */
  public <R> R join(Connection connection, HandleCallback<R, SQLException> work)
      throws SQLException {
    joined.set(connection);
    try (Handle handle = jdbi.open()) {
      return work.withHandle(handle);
    } catch (JdbiException e) {
      // Jdbi's own message is the whole statement.
      if (e.getCause() instanceof SQLException cause) {
        throw cause;
      }
      throw e;
    } finally {
      joined.remove();
    }
  }

  private final class JoinedConnection implements ConnectionFactory {
    @Override
    public Connection openConnection() {
      return joined.get();
    }

    @Override
    public void closeConnection(Connection connection) {
      // The connection is its owner's to close.
    }
  }
}
