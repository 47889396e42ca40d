package io.tradesync.jdbc.internal.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Keeps a sink from committing the log's transaction, however it does so: a row that violates a
 * deferred constraint makes the server refuse every commit until the row is removed. Both
 * statements return what of the session the log depends on, so that a sink that changed it is
 * noticed.
 *
 * @param begin adds the row of this transaction
 * @param end removes it
 */
public record CommitGuard(String begin, String end) {

  /** Adds the row, and has the sink's statements planned as those of its role are. */
  public static final String BEGIN =
      """
      insert into :"schema".sync_commit_guard (transaction_id, never) values (txid_current(), 0)
      returning current_user, current_setting('default_transaction_read_only'),
        set_config('enable_seqscan', null, true)\
      """;

  /** Removes the row. */
  public static final String END =
      """
      delete from :"schema".sync_commit_guard where transaction_id = txid_current()
      returning current_user, current_setting('default_transaction_read_only')\
      """;

  private static final String CONSTRAINT = "only_the_log_may_commit";

  /**
   * What of a session stays with its connection, and would keep the log from using it later.
   *
   * @param role the role with whose rights statements are executed
   * @param readOnly whether transactions are read-only by default: on or off
   */
  record Session(String role, String readOnly) {

    /** Returns in words what differs from another session; empty if nothing does. */
    String difference(Session now) {
      if (!role.equals(now.role)) {
        return "role from " + role + " to " + now.role;
      }
      return readOnly.equals(now.readOnly)
          ? ""
          : "default_transaction_read_only from " + readOnly + " to " + now.readOnly;
    }
  }

  Session begin(Connection connection) throws SQLException {
    return session(connection, begin)
        .orElseThrow(() -> new SQLException("the guard of the commit was not added"));
  }

  /** Returns empty if the transaction is another than the one in which the row was added. */
  Optional<Session> end(Connection connection) throws SQLException {
    return session(connection, end);
  }

  private static Optional<Session> session(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next()
          ? Optional.of(new Session(row.getString(1), row.getString(2)))
          : Optional.empty();
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
