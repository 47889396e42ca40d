package io.tradesync.jdbc.internal.sql;

import io.tradesync.spi.log.TransactionMisusedException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connection of the log's transaction as a sink gets it: without the methods that end the
 * transaction. Used by one thread.
 */
public final class SinkConnection implements InvocationHandler {

  private static final String IN_FAILED_TRANSACTION = "25P02";

  private static final String ENDED =
      "the sink ended the log's transaction, which only the log may do";

  private static final String SET_CONSTRAINTS =
      "the sink set the log's own constraint immediate; it may set those only that it names";

  // What a sink brings about that took away a right, or forbade writing.
  private static final Set<String> OF_THE_SESSION =
      Set.of(SqlFailures.INSUFFICIENT_PRIVILEGE, SqlFailures.READ_ONLY);

  private final Connection connection;
  private final @Nullable CommitGuard guard;
  private boolean used;
  private CommitGuard.@Nullable Session before;

  /**
   * @param guard keeps the sink from committing; null for a transaction that changes nothing
   */
  public SinkConnection(Connection connection, @Nullable CommitGuard guard) {
    this.connection = connection;
    this.guard = guard;
  }

  /** The connection to hand to the sink. */
  public Connection proxy() {
    return (Connection)
        Proxy.newProxyInstance(
            SinkConnection.class.getClassLoader(), new Class<?>[] {Connection.class}, this);
  }

  /** The connection behind a proxy, for a sink of ours, which needs no check. */
  static Connection unguarded(Connection connection) {
    return Proxy.isProxyClass(connection.getClass())
            && Proxy.getInvocationHandler(connection) instanceof SinkConnection guarded
        ? guarded.connection
        : connection;
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] args)
      throws Throwable {
    if (!used && guard != null) {
      before = guard.begin(connection);
    }
    used = true;
    if (outlivesTransaction(method.getName(), args)) {
      throw new SQLException(
          "a sink must not call " + method.getName() + " on the log's transaction");
    }
    try {
      return method.invoke(connection, args);
    } catch (InvocationTargetException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }

  // Ends it, or stays with the connection, whose next statement is another's.
  private static boolean outlivesTransaction(String method, Object @Nullable [] args) {
    return switch (method) {
      case "commit", "close", "abort", "setNetworkTimeout" -> true;
      case "rollback" -> args == null;
      case "setAutoCommit" -> args != null && Boolean.TRUE.equals(args[0]);
      default -> false;
    };
  }

  /**
   * Checks, before the commit, that the transaction can be committed, is still the one that the
   * sink got, and leaves a session that the log can use. Costs a round trip if the sink is not
   * ours.
   *
   * @throws TransactionMisusedException if it is not
   * @throws SQLException if that cannot be found out
   */
  public void check() throws SQLException {
    CommitGuard.Session due = before;
    if (guard == null || due == null) {
      return;
    }
    try {
      CommitGuard.Session now =
          guard.end(connection).orElseThrow(() -> new TransactionMisusedException(ENDED));
      String difference = due.difference(now);
      if (!difference.isEmpty()) {
        throw new TransactionMisusedException(
            "the sink changed the " + difference + " in the log's session, and left it so");
      }
    } catch (SQLException e) {
      // Its cause is the failure that was ignored.
      String state = e.getSQLState();
      if (IN_FAILED_TRANSACTION.equals(state)) {
        throw instead(
            e, "the sink ignored a failure of its transaction, which PostgreSQL rolls back then");
      }
      if (state != null && OF_THE_SESSION.contains(state)) {
        throw instead(
            e, "the sink left the log a session that it cannot use: " + SqlFailures.reason(e));
      }
      throw e;
    }
  }

  /** Returns what to say of a failure: that the server refused the sink's commit, if it did. */
  public static Exception described(Exception failure, Connection connection) {
    if (!CommitGuard.refused(failure)) {
      return failure;
    }
    return instead(failure, OpenTransaction.hasFailed(connection) ? SET_CONSTRAINTS : ENDED);
  }

  // As a cause, the server's own words would be taken for the reason.
  private static TransactionMisusedException instead(Exception failure, String reason) {
    TransactionMisusedException described = new TransactionMisusedException(reason);
    described.addSuppressed(failure);
    return described;
  }
}
