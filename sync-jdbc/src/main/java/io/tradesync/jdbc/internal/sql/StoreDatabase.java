package io.tradesync.jdbc.internal.sql;

import io.tradesync.InvalidSettingException;
import io.tradesync.Side;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradesyncException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jdbi.v3.postgres.PostgresPlugin;

/** The only way to the store. All work is done in transactions of read committed. Thread-safe. */
public final class StoreDatabase {

  /** Work in a transaction. */
  @FunctionalInterface
  public interface Work<R> {
    R apply(Handle handle) throws Exception;
  }

  // The settings are the transaction's alone, so that they work through a pooler in transaction
  // mode, and are sent in one message. Without idle_in_transaction_session_timeout a process that
  // stops in the middle of a batch would keep its locks for ever. The others keep a role's own
  // settings from deciding how long a lock is waited for, and whether a null in an array is a text.
  // Statements whose cost PostgreSQL overestimates would be compiled for longer than they run. A
  // connection keeps a plan that was made while a table was empty, and a search for each of many
  // keys would then read the whole table, however large it has become.
  private static final String SETTINGS =
      """
      set transaction isolation level read committed;
      set local statement_timeout = {timeout};
      set local lock_timeout = {timeout};
      set local idle_in_transaction_session_timeout = {idle};
      set local array_nulls = on;
      set local jit = off;
      set local enable_seqscan = off\
      """;

  private static final String DECOMPRESSION_LIMIT =
      "timescaledb.max_tuples_decompressed_per_dml_transaction";

  private static final String KNOWS_DECOMPRESSION_LIMIT =
      "select exists (select from pg_settings where name = '" + DECOMPRESSION_LIMIT + "')";

  // A batch decompresses what its own trades need, and a user's limit would end it half way.
  private static final String LIFT_DECOMPRESSION_LIMIT =
      ";\nset local " + DECOMPRESSION_LIMIT + " = 0";

  private final Jdbi jdbi;
  private final Duration statementTimeout;
  private volatile Duration idleLimit;
  private volatile String settings;
  private volatile boolean hasDecompressionLimit;

  public StoreDatabase(DataSource dataSource, Duration statementTimeout) {
    this.jdbi =
        Jdbi.create(new SharedConnections(TimedConnections.of(dataSource, statementTimeout)))
            .installPlugin(new PostgresPlugin());
    this.statementTimeout = statementTimeout;
    this.idleLimit = statementTimeout;
    this.settings = settings();
    // The user's schema can contain what a template engine would replace.
    jdbi.getConfig(SqlStatements.class).setTemplateEngine(TemplateEngine.NOP);
  }

  /** Learns which settings the server has; later transactions set them. */
  public void learnSettings(Handle handle) {
    hasDecompressionLimit =
        handle.createQuery(KNOWS_DECOMPRESSION_LIMIT).mapTo(Boolean.class).one();
  }

  private String settings() {
    return new SqlNames(
            Map.of(),
            Map.of(
                "timeout",
                Long.toString(statementTimeout.toMillis()),
                "idle",
                Long.toString(idleLimit.toMillis())))
        .fill(SETTINGS);
  }

  /** Lets transactions be idle for at least a time; it never becomes shorter. */
  public synchronized void allowIdle(Duration time) {
    if (time.compareTo(idleLimit) > 0) {
      idleLimit = time;
      settings = settings();
    }
  }

  /** How long a transaction may be idle before the server ends it. */
  public Duration idleLimit() {
    return idleLimit;
  }

  /**
   * Does work in one transaction.
   *
   * @throws SideUnavailableException if there is no connection, or a setting of the server forbids
   *     the work
   * @throws Exception what the work threw; an {@link SQLException} without Jdbi's message, which is
   *     the whole statement, and without the row that the server quotes
   */
  public <R> R transact(Work<R> work) throws Exception {
    return described(
        () ->
            jdbi.inTransaction(
                handle -> {
                  handle.execute(
                      hasDecompressionLimit ? settings + LIFT_DECOMPRESSION_LIMIT : settings);
                  R result = work.apply(handle);
                  OpenTransaction.checkCommittable(handle.getConnection());
                  return result;
                }));
  }

  /**
   * Does work without a transaction: each statement commits by itself. No setting of the session is
   * changed, since it would stay with a pooler's connection; whoever calls limits the time.
   *
   * @throws SideUnavailableException as {@link #transact}
   * @throws Exception what the work threw, as {@link #transact}
   */
  public <R> R withoutTransaction(Work<R> work) throws Exception {
    return described(
        () ->
            jdbi.withHandle(
                handle -> {
                  Connection connection = handle.getConnection();
                  try {
                    return work.apply(handle);
                  } finally {
                    if (!connection.isClosed() && !connection.getAutoCommit()) {
                      connection.rollback();
                      connection.setAutoCommit(true);
                    }
                  }
                }));
  }

  private static <R> R described(Callable<R> work) throws Exception {
    try {
      return work.call();
    } catch (ConnectionException e) {
      throw SqlFailures.unavailable(Side.STORE, e);
    } catch (JdbiException e) {
      if (e.getCause() instanceof SQLException cause) {
        throw described(cause);
      }
      throw e;
    } catch (SQLException e) {
      throw described(e);
    }
  }

  private static Exception described(SQLException failure) {
    return SqlFailures.isOfASetting(failure)
        ? SqlFailures.forbidden(failure)
        : SqlFailures.withoutTheRow(failure);
  }

  /**
   * Reads in one transaction.
   *
   * @throws SideUnavailableException if the store cannot be reached or is too slow
   */
  public <R> R read(Work<R> work) {
    try {
      return transact(work);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw SqlFailures.unavailable(Side.STORE, e);
    }
  }

  /** The exception for a store that cannot be reached, or cannot be used with a setting. */
  public static TradesyncException unusable(String name, String value, Exception failure) {
    return SqlFailures.state(failure).startsWith("42")
        ? new InvalidSettingException(
            name,
            value,
            "must be one in which this user can create tables (%s)"
                .formatted(SqlFailures.reason(failure)))
        : SqlFailures.unavailable(Side.STORE, failure);
  }
}
