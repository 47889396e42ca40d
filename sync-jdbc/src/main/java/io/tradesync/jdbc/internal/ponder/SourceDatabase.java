package io.tradesync.jdbc.internal.ponder;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradesyncException;
import io.tradesync.jdbc.internal.sql.PlanWithValues;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.TimedConnections;
import io.tradesync.spi.FailureKind;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.StatementCustomizer;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jdbi.v3.postgres.PostgresPlugin;

/**
 * The only way to Ponder's database. Each read is one short read-only transaction. PostgreSQL cuts
 * it off after the statement timeout, and it has ended when the read returns. Thread-safe.
 */
public final class SourceDatabase {

  // Without idle_in_transaction_session_timeout a process that is stopped between two statements
  // would keep Ponder waiting. Without the encoding and the formats the bytes of a text, and so the
  // fingerprint, would depend on the role that reads it.
  private static final String SETTINGS =
      """
      set transaction isolation level read committed, read only;
      select set_config('statement_timeout', :timeout, true),
        set_config('lock_timeout', :timeout, true),
        set_config('idle_in_transaction_session_timeout', :timeout, true),
        set_config('jit', 'off', true),
        set_config('client_encoding', 'UTF8', true),
        set_config('TimeZone', 'UTC', true),
        set_config('DateStyle', 'ISO, YMD', true),
        set_config('IntervalStyle', 'iso_8601', true),
        set_config('bytea_output', 'hex', true),
        set_config('extra_float_digits', '1', true),
        set_config('array_nulls', 'on', true)\
      """;

  private final Jdbi jdbi;
  private final String timeoutMillis;

  public SourceDatabase(DataSource dataSource, Duration statementTimeout) {
    this.jdbi = Jdbi.create(TimedConnections.of(dataSource, statementTimeout));
    jdbi.installPlugin(new PostgresPlugin());
    // The user's names can contain what a template engine would replace.
    jdbi.getConfig(SqlStatements.class)
        .setTemplateEngine(TemplateEngine.NOP)
        .addCustomizer(new NothingKept());
    this.timeoutMillis = Long.toString(statementTimeout.toMillis());
  }

  /**
   * Reads in one transaction.
   *
   * @param statement the read; touches Ponder's tables with one statement only
   * @throws SideUnavailableException if the source is gone or too slow, or Ponder is creating its
   *     tables again
   * @throws TradesyncException if a value cannot be read
   */
  <R> R read(HandleCallback<R, SQLException> statement) {
    try {
      return jdbi.inTransaction(
          handle -> {
            handle.createUpdate(SETTINGS).bind("timeout", timeoutMillis).execute();
            return statement.withHandle(handle);
          });
    } catch (SQLException | RuntimeException e) {
      throw translated(e);
    }
  }

  /** The server's name and version, which the driver knows without a statement. */
  Server server() {
    try {
      return jdbi.withHandle(
          handle -> {
            var metaData = handle.getConnection().getMetaData();
            return new Server(
                metaData.getDatabaseProductName(),
                metaData.getDatabaseProductVersion(),
                metaData.getDatabaseMajorVersion());
          });
    } catch (SQLException | RuntimeException e) {
      throw translated(e);
    }
  }

  record Server(String product, String version, int majorVersion) {}

  /** Whether a table, a column or a right is absent or not as the statement needs it. */
  static boolean isMissing(Throwable failure) {
    String state = SqlFailures.state(failure);
    return state.startsWith("42") || state.startsWith("3F");
  }

  // While Ponder creates its tables again, what prepare() found can be gone for seconds: the table,
  // its grants, a plan for its old form (0A000), a server process's knowledge of it (XX000).
  private static RuntimeException translated(Exception failure) {
    String state = SqlFailures.state(failure);
    if (failure instanceof TradesyncException known) {
      return known;
    }
    if (failure instanceof ConnectionException
        || isMissing(failure)
        || state.equals("0A000")
        || state.equals("XX000")) {
      return SqlFailures.unavailable(Side.SOURCE, failure);
    }
    FailureKind kind = SqlFailures.classify(failure).orElse(FailureKind.UNKNOWN);
    if (kind == FailureKind.NETWORK || kind == FailureKind.TRANSIENT) {
      return SqlFailures.unavailable(Side.SOURCE, failure);
    }
    return new TradesyncException(
        "the source cannot be read: " + SqlFailures.reason(failure), failure);
  }

  /**
   * Keeps PostgreSQL from keeping a prepared statement, whose plan would outlive the table, and a
   * result to be fetched piece by piece.
   */
  private static final class NothingKept implements StatementCustomizer {
    @Override
    public void beforeExecution(PreparedStatement statement, StatementContext context)
        throws SQLException {
      statement.setFetchSize(0);
      PlanWithValues.keepNoPlan(statement);
    }
  }
}
