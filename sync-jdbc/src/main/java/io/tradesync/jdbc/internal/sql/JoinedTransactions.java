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

  private static final ThreadLocal<Connection> JOINED = new ThreadLocal<>();
  private static final Jdbi JDBI = Jdbi.create(new JoinedConnection());

  static {
    JDBI.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
  }

  private JoinedTransactions() {}

  /** Does work in the transaction that is open on a connection. */
  public static <R> R join(Connection connection, HandleCallback<R, SQLException> work)
      throws SQLException {
    JOINED.set(SinkConnection.unguarded(connection));
    try (Handle handle = JDBI.open()) {
      return work.withHandle(handle);
    } catch (JdbiException e) {
      // Jdbi's own message is the whole statement.
      if (e.getCause() instanceof SQLException cause) {
        throw cause;
      }
      throw e;
    } finally {
      JOINED.remove();
    }
  }

  private static final class JoinedConnection implements ConnectionFactory {
    @Override
    public Connection openConnection() {
      return JOINED.get();
    }

    @Override
    public void closeConnection(Connection connection) {
      // The connection is its owner's to close.
    }
  }
}
