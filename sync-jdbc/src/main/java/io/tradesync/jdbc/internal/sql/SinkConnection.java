package io.tradesync.jdbc.internal.sql;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The connection of the log's transaction as a sink gets it: without the methods that end the
 * transaction. Used by one thread.
 */
public final class SinkConnection implements InvocationHandler {

  private static final String IN_FAILED_TRANSACTION = "25P02";

  private final Connection connection;
  private boolean used;

  public SinkConnection(Connection connection) {
    this.connection = connection;
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
   * @throws SQLException if it is not
   */
  public void check() throws SQLException {
    if (!used) {
      return;
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(StoreDatabase.SELECT_IN_TRANSACTION)) {
      if (!row.next() || !row.getBoolean(1)) {
        throw new SQLException("the sink ended the log's transaction, which only the log may do");
      }
    } catch (SQLException e) {
      if (IN_FAILED_TRANSACTION.equals(e.getSQLState())) {
        SQLException ignored =
            new SQLException(
                "the sink ignored a failure of its transaction, which PostgreSQL rolls back then");
        ignored.addSuppressed(e);
        throw ignored;
      }
      throw e;
    }
  }
}
