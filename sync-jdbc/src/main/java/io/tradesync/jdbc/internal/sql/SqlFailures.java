package io.tradesync.jdbc.internal.sql;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.spi.FailureKind;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Sorts the failures of PostgreSQL, and describes each in one line. */
public final class SqlFailures {

  static final String QUERY_CANCELED = "57014";
  public static final String LOCK_NOT_AVAILABLE = "55P03";
  static final String INSUFFICIENT_PRIVILEGE = "42501";
  public static final String READ_ONLY = "25006";
  public static final String IDLE_IN_TRANSACTION = "25P03";
  static final String UNIQUE_VIOLATION = "23505";

  private static final Set<String> TRANSIENT = Set.of("40001", "40P01", LOCK_NOT_AVAILABLE);

  // SQLStates by their first characters: connections; resources such as disk and memory; a server
  // that shuts down or starts; files that it cannot read. Then the failures for which no trade is
  // to blame: the login, an absent database, schema, table, column or right, a read-only server,
  // and a transaction that was idle or took longer than the server allows.
  private static final List<String> NETWORK =
      List.of(
          "08",
          "53",
          "57P",
          "58",
          "28",
          "3D",
          "3F",
          "42P01",
          "42703",
          INSUFFICIENT_PRIVILEGE,
          READ_ONLY,
          IDLE_IN_TRANSACTION,
          "25P04");

  // Numbers out of range, constraints, check options, rows too large for a page or an index.
  private static final List<String> DATA = List.of("22", "23", "44", "54");

  // Of TimescaleDB: compressed rows that a setting or the licence keeps from being changed, and
  // its limit of decompressed rows.
  private static final String NOT_SUPPORTED = "0A000";
  private static final String LIMIT_EXCEEDED = "53400";
  private static final Set<String> OF_A_SETTING = Set.of(NOT_SUPPORTED, LIMIT_EXCEEDED);
  private static final Set<String> TOO_SLOW = Set.of(QUERY_CANCELED, LOCK_NOT_AVAILABLE);
  private static final int MAX_CAUSES = 16;

  private SqlFailures() {}

  /** The kind of a failure, by the first of its causes that has one. */
  public static Optional<FailureKind> classify(Throwable failure) {
    return sqlCauses(failure).flatMap(cause -> kind(cause).stream()).findFirst();
  }

  /**
   * The SQLState of the server: that of the innermost cause, because a pool wraps it in one of its
   * own. Empty if there is none.
   */
  public static String state(Throwable failure) {
    return innermost(failure).map(SQLException::getSQLState).orElse("");
  }

  /** The exception for a side that did not answer, or not in time, with a reason of one line. */
  public static SideUnavailableException unavailable(Side side, Throwable failure) {
    String reason = reason(failure) + advice(side, state(failure));
    return isTooSlow(failure)
        ? SideUnavailableException.tooSlow(side, reason, failure)
        : SideUnavailableException.unreachable(side, reason, failure);
  }

  /** Whether a setting of the server forbids the work, whatever the trades are. */
  static boolean isOfASetting(Throwable failure) {
    return OF_A_SETTING.contains(state(failure));
  }

  /**
   * The exception for a store whose setting forbids the work; names the setting if there is one.
   */
  static SideUnavailableException forbidden(Throwable failure) {
    return SideUnavailableException.forbidden(
        Side.STORE, reason(failure) + settingOf(failure), failure);
  }

  private static String settingOf(Throwable failure) {
    String reason = reason(failure);
    String hint =
        innermost(failure)
            .filter(PSQLException.class::isInstance)
            .map(server -> ((PSQLException) server).getServerErrorMessage())
            .map(ServerErrorMessage::getHint)
            .orElse("");
    if (hint.contains("timescaledb.")) {
      return "; " + hint.replaceAll("\\s+", " ");
    }
    return reason.contains("compress")
        ? "; see timescaledb.enable_dml_decompression and the compression of analytics_trades"
        : "";
  }

  /** Describes a failure in one line without secrets. */
  public static String reason(Throwable failure) {
    SQLException sql = innermost(failure).orElse(null);
    if (sql == null) {
      return line(failure);
    }
    Throwable root = sql.getCause();
    return line(sql)
        + (root == null ? "" : ": " + root.getClass().getSimpleName() + " " + line(root))
        + (sql.getSQLState() == null ? "" : " (SQLState " + sql.getSQLState() + ")");
  }

  private static Optional<FailureKind> kind(SQLException failure) {
    String state = Objects.requireNonNullElse(failure.getSQLState(), "");
    if (TRANSIENT.contains(state)) {
      return Optional.of(FailureKind.TRANSIENT);
    }
    if (failure instanceof SQLTransientConnectionException
        || failure instanceof SQLNonTransientConnectionException
        || failure instanceof SQLRecoverableException
        || failure instanceof SQLTimeoutException
        || state.equals(QUERY_CANCELED)
        || NETWORK.stream().anyMatch(state::startsWith)) {
      return Optional.of(FailureKind.NETWORK);
    }
    return DATA.stream().anyMatch(state::startsWith)
        ? Optional.of(FailureKind.DATA)
        : Optional.empty();
  }

  /** Whether a pool gave no connection for reasons of its own, and not because of the server. */
  static boolean isOfThePool(SQLException failure) {
    return causes(failure)
        .noneMatch(
            cause ->
                cause instanceof IOException
                    || (cause instanceof SQLException sql && sql.getSQLState() != null));
  }

  /**
   * The same failure with the first line of its message only, because further lines quote the row.
   * Names the constraint or the column if the server does.
   */
  static SQLException withoutTheRow(SQLException failure) {
    if (!(innermost(failure).orElse(failure) instanceof PSQLException server)) {
      return failure;
    }
    ServerErrorMessage details = server.getServerErrorMessage();
    String reason = reason(failure);
    String name = details == null ? null : firstOf(details.getConstraint(), details.getColumn());
    String words = name == null || reason.contains(name) ? reason : reason + " [" + name + "]";
    return new SQLException(words, server.getSQLState(), failure);
  }

  private static @Nullable String firstOf(@Nullable String first, @Nullable String second) {
    return first != null ? first : second;
  }

  // A thread that got no connection has not yet asked for a range that could be smaller.
  private static boolean isTooSlow(Throwable failure) {
    return causes(failure).noneMatch(ConnectionException.class::isInstance)
        && sqlCauses(failure)
            .anyMatch(
                cause ->
                    cause instanceof SQLTimeoutException
                        || (cause.getSQLState() != null && TOO_SLOW.contains(cause.getSQLState())));
  }

  private static String advice(Side side, String state) {
    if (state.startsWith("28")) {
      return "; check the user and the password of the " + side.label() + "'s DataSource";
    }
    if (state.equals("3D000")) {
      return "; check the database's name in the " + side.label() + "'s DataSource";
    }
    if (state.equals("08001") || state.equals("08004")) {
      return "; check the address in the " + side.label() + "'s DataSource";
    }
    return "";
  }

  // DriverManager quotes the whole URL, and further lines of a message can quote a row.
  private static String line(Throwable failure) {
    String message = Objects.requireNonNullElse(failure.getMessage(), "").strip();
    if (message.isEmpty()) {
      return failure.getClass().getSimpleName();
    }
    return message
        .lines()
        .findFirst()
        .orElse("")
        .replaceFirst("^(ERROR|FATAL|PANIC): ", "")
        .replaceAll("(?i)jdbc:\\S+", "the JDBC URL")
        .replaceAll("(?i)(password\\s*=\\s*)[^&;,\\s]+", "$1***")
        .replaceFirst("[.\\s]+$", "");
  }

  private static Optional<SQLException> innermost(Throwable failure) {
    List<SQLException> causes = sqlCauses(failure).toList();
    return causes.isEmpty() ? Optional.empty() : Optional.of(causes.get(causes.size() - 1));
  }

  private static Stream<SQLException> sqlCauses(Throwable failure) {
    return causes(failure).filter(SQLException.class::isInstance).map(SQLException.class::cast);
  }

  private static Stream<Throwable> causes(@Nullable Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(MAX_CAUSES);
  }
}
