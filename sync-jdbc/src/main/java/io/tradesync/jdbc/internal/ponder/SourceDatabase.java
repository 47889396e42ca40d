package io.tradesync.jdbc.internal.ponder;

import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradesyncException;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.WatchedConnections;
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
import org.postgresql.jdbc.PgStatement;

/**
 * The only way to the source: each read is one short transaction that can change nothing, waits for
 * nothing longer than allowed, and is over when the read returns. Thread-safe.
 */
public final class SourceDatabase {

  private final Jdbi jdbi;
  private final String settings;

  public SourceDatabase(DataSource dataSource, Duration statementTimeout) {
    this.jdbi = Jdbi.create(WatchedConnections.of(dataSource, statementTimeout));
    jdbi.installPlugin(new PostgresPlugin());
    // Names are the user's, and may hold what a template engine would take for its own.
    jdbi.getConfig(SqlStatements.class)
        .setTemplateEngine(TemplateEngine.NOP)
        .addCustomizer(new NothingKept());
    this.settings = settings(statementTimeout.toMillis());
  }

  // Without idle_in_transaction_session_timeout a process that is stopped between two statements
  // would keep Ponder waiting. Without the encoding and the formats the bytes of a text, and so the
  // fingerprint, would depend on who reads it.
  private static String settings(long timeoutMillis) {
    return """
        select set_config('transaction_read_only', 'on', true),
          set_config('statement_timeout', '%1$d', true),
          set_config('lock_timeout', '%1$d', true),
          set_config('idle_in_transaction_session_timeout', '%1$d', true),
          set_config('jit', 'off', true),
          set_config('client_encoding', 'UTF8', true),
          set_config('TimeZone', 'UTC', true),
          set_config('DateStyle', 'ISO, YMD', true),
          set_config('IntervalStyle', 'iso_8601', true),
          set_config('bytea_output', 'hex', true),
          set_config('extra_float_digits', '1', true)"""
        .formatted(timeoutMillis);
  }

  /**
   * Reads in one transaction.
   *
   * @param statement the read; one statement, as far as it touches Ponder's tables
   * @return what it returned
   * @throws SideUnavailableException if the source is gone, too slow, or being made anew
   * @throws TradesyncException if a value cannot be read
   */
  public <R> R read(HandleCallback<R, SQLException> statement) {
    try {
      return jdbi.inTransaction(
          handle -> {
            handle.execute(settings);
            return statement.withHandle(handle);
          });
    } catch (SQLException | RuntimeException e) {
      throw translated(e);
    }
  }

  /**
   * The server's name and version, as the driver knows them without asking.
   *
   * @return both
   */
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

  /** Whether a table, a column or a right is not there, or not as the statement needs it. */
  public static boolean isMissing(Throwable failure) {
    String state = SqlFailures.state(failure);
    return state.startsWith("42") || state.startsWith("3F");
  }

  // What prepare() found can be gone for seconds while Ponder makes its tables anew: the table, its
  // grants, a plan made for its old form (0A000), what a server process knew of it (XX000).
  private static RuntimeException translated(Exception failure) {
    String state = SqlFailures.state(failure);
    if (failure instanceof TradesyncException ours) {
      return ours;
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
   * No statement stays prepared at the server, where its plan would outlive the table it was made
   * for, and no result stays behind to be fetched piece by piece. The driver's public PGStatement
   * says the same, but the annotations of its package make javac warn of classes that are not
   * there.
   */
  private static final class NothingKept implements StatementCustomizer {
    @Override
    public void beforeExecution(PreparedStatement statement, StatementContext context)
        throws SQLException {
      statement.setFetchSize(0);
      if (statement.isWrapperFor(PgStatement.class)) {
        statement.unwrap(PgStatement.class).setPrepareThreshold(0);
      }
    }
  }
}
