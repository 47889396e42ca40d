package io.tradesync.jdbc.internal.sql;

import io.tradesync.spi.log.TransactionMisusedException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The connection of the log's transaction as a sink gets it: without the methods that end the
 * transaction. Used by one thread.
 */
public final class SinkConnection implements InvocationHandler {

  private static final String IN_FAILED_TRANSACTION = "25P02";

  private static final String ENDED =
      "the sink ended the log's transaction, which only the log may do";

  private final Connection connection;
  private final @Nullable CommitGuard guard;
  private boolean used;

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
      guard.begin(connection);
    }
    used = true;
    if (endsTransaction(method.getName(), args)) {
      throw new SQLException(
          "a sink must not call " + method.getName() + " on the log's transaction");
    }
    try {
      return method.invoke(connection, args);
    } catch (InvocationTargetException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }

  private static boolean endsTransaction(String method, Object @Nullable [] args) {
    return switch (method) {
      case "commit", "close", "abort" -> true;
      case "rollback" -> args == null;
      case "setAutoCommit" -> args != null && Boolean.TRUE.equals(args[0]);
      default -> false;
    };
  }

  /**
   * Checks, before the commit, that the transaction can be committed and is still the one that the
   * sink got. Costs a round trip if the sink is not ours.
   *
   * @throws TransactionMisusedException if it is not
   * @throws SQLException if that cannot be found out
   */
  public void check() throws SQLException {
    if (!used || guard == null) {
      return;
    }
    try {
      if (!guard.end(connection)) {
        throw new TransactionMisusedException(ENDED);
      }
    } catch (SQLException e) {
      if (IN_FAILED_TRANSACTION.equals(e.getSQLState())) {
        throw instead(
            e, "the sink ignored a failure of its transaction, which PostgreSQL rolls back then");
      }
      throw e;
    }
  }

  /** Returns what to say of a failure: that the server refused the sink's commit, if it did. */
  public static Exception described(Exception failure) {
    return CommitGuard.refused(failure) ? instead(failure, ENDED) : failure;
  }

  // As a cause, the server's own words would be taken for the reason.
  private static TransactionMisusedException instead(Exception failure, String reason) {
    TransactionMisusedException described = new TransactionMisusedException(reason);
    described.addSuppressed(failure);
    return described;
  }
}
