package io.tradesync.jdbc.internal.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Keeps a sink from committing the log's transaction, however it does so: a row that violates a
 * deferred constraint makes the server refuse every commit until the row is removed.
 *
 * @param begin adds the row of this transaction
 * @param end removes it
 */
public record CommitGuard(String begin, String end) {

  /** Adds the row. */
  public static final String BEGIN =
      """
      insert into :"schema".sync_commit_guard (transaction_id, never) values (txid_current(), 0)\
      """;

  /** Removes the row. */
  public static final String END =
      """
      delete from :"schema".sync_commit_guard where transaction_id = txid_current()\
      """;

  private static final String CONSTRAINT = "only_the_log_may_commit";

  void begin(Connection connection) throws SQLException {
    int ignored = update(connection, begin);
  }

  /** Returns false if the transaction is another than the one in which the row was added. */
  boolean end(Connection connection) throws SQLException {
    return update(connection, end) == 1;
  }

  private static int update(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  /** Returns whether a failure says that a commit was refused. */
  static boolean refused(@Nullable Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause() == e ? null : e.getCause()) {
      if (e instanceof PSQLException thrown) {
        ServerErrorMessage message = thrown.getServerErrorMessage();
        if (message != null && CONSTRAINT.equals(message.getConstraint())) {
          return true;
        }
      }
    }
    return false;
  }
}
