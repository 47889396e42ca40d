package io.tradesync.jdbc;

import io.tradesync.InvalidSettingException;
import io.tradesync.TradesyncException;
import io.tradesync.jdbc.internal.log.LogSql;
import io.tradesync.jdbc.internal.log.PostgresFailedTrades;
import io.tradesync.jdbc.internal.log.PostgresLogEntries;
import io.tradesync.jdbc.internal.log.PostgresLogSnapshot;
import io.tradesync.jdbc.internal.log.PostgresLogTransaction;
import io.tradesync.jdbc.internal.log.PostgresOrphanTracker;
import io.tradesync.jdbc.internal.log.PostgresOutsideRows;
import io.tradesync.jdbc.internal.log.PostgresRunHistory;
import io.tradesync.jdbc.internal.log.PostgresRunLease;
import io.tradesync.jdbc.internal.log.PostgresScopeRecord;
import io.tradesync.jdbc.internal.log.PostgresStoreDifferences;
import io.tradesync.jdbc.internal.log.PostgresVerification;
import io.tradesync.jdbc.internal.log.VerificationBounds;
import io.tradesync.jdbc.internal.log.WorkOutsideLock;
import io.tradesync.jdbc.internal.sql.LockWait;
import io.tradesync.jdbc.internal.sql.Migrations;
import io.tradesync.jdbc.internal.sql.OpenTransaction;
import io.tradesync.jdbc.internal.sql.SinkConnection;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.log.FailedTrades;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogWork;
import io.tradesync.spi.log.OrphanTracker;
import io.tradesync.spi.log.OutsideRows;
import io.tradesync.spi.log.OutsideTransaction;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunLease;
import io.tradesync.spi.log.ScopeRecord;
import io.tradesync.spi.log.SnapshotWork;
import io.tradesync.spi.log.StoreDifferenceRecord;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.Verification;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A log in PostgreSQL (13 or later) or TimescaleDB: the tables {@code sync_log}, {@code sync_run},
 * {@code sync_lease}, {@code sync_service}, {@code sync_unverified}, {@code sync_tracked_id},
 * {@code sync_handed_out} and {@code sync_retracted_id}. Its transactions are {@link Connection}s,
 * so that a {@link TimescaleSink} commits its rows together with the log's.
 *
 * <p>All state is in the database, and any number of processes can share it. Nothing is held
 * between two calls, so a pooler in transaction mode may be used. The isolation level is read
 * committed. Times are the server's. Thread-safe.
 */
public final class PostgresSyncLog implements SyncLog {

  private static final String CHECK_FIRST_VERSION =
      """
      select 1 from :"schema".sync_log limit 0\
      """;

  private static final String CHECK_LAST_VERSION =
      """
      select 1 from :"schema".sync_retracted_id limit 0\
      """;

  // Its row is created by the first use: at a start, it tells whether the service is new.
  private static final String CHECK_SERVICES =
      """
      select 1 from :"schema".sync_service limit 0\
      """;

  private static final String PROBE =
      """
      select current_setting('transaction_read_only'), (select 1 from :"schema".sync_log limit 0)\
      """;

  private static final Duration IDLE_MARGIN = Duration.ofSeconds(5);

  private final String service;
  private final String schema;
  private final boolean migrate;
  private final boolean keepAsLongAsTrades;
  private final StoreDatabase database;
  private final LogSql sql;

  private PostgresSyncLog(Builder builder) {
    this.service = builder.service;
    this.schema = builder.schema;
    this.migrate = builder.migrate;
    this.keepAsLongAsTrades = builder.keepAsLongAsTrades;
    this.database = new StoreDatabase(builder.dataSource, builder.statementTimeout);
    this.sql = new LogSql(builder.schema, builder.service);
  }

  /**
   * Starts a log's settings.
   *
   * @param dataSource connections to the store; best a pool with three connections more than the
   *     engine's parallelism
   */
  public static Builder builder(DataSource dataSource) {
    return new Builder(dataSource);
  }

  @Override
  public String service() {
    return service;
  }

  /** The log's transactions are connections with auto-commit off. */
  @Override
  public Class<?> transactionType() {
    return Connection.class;
  }

  /**
   * Applies the migrations that are missing. If none is missing, rights on rows are enough. Waits
   * for a lock no longer than {@link Builder#statementTimeout}.
   *
   * @throws InvalidSettingException if the schema cannot be used or is newer than this library, or
   *     if the database's encoding is not UTF8; names the setting
   * @throws io.tradesync.SideUnavailableException if the database cannot be reached, or if another
   *     session holds a lock; names the session
   */
  @Override
  public void prepare() {
    try {
      database.transact(
          handle -> {
            checkEncoding(handle);
            database.learnSettings(handle);
            if (migrate) {
              Migrations.LOG.apply(handle.getConnection(), schema);
            }
            return LockWait.limit(
                handle,
                schema,
                limited -> {
                  // The first and the last version's tables.
                  limited.execute(sql.fill(CHECK_FIRST_VERSION));
                  limited.execute(sql.fill(CHECK_LAST_VERSION));
                  return limited.execute(sql.fill(CHECK_SERVICES));
                });
          });
    } catch (TradesyncException e) {
      throw e;
    } catch (Exception e) {
      throw StoreDatabase.unusable("log schema", schema, e);
    }
  }

  private static void checkEncoding(Handle handle) {
    String encoding =
        handle.createQuery("select current_setting('server_encoding')").mapTo(String.class).one();
    if (!encoding.equals("UTF8")) {
      throw new InvalidSettingException(
          "log dataSource", encoding, "must lead to a database whose encoding is UTF8");
    }
  }

  @Override
  public void sinkMayTake(Duration longest) {
    database.allowIdle(longest.plus(IDLE_MARGIN));
  }

  @Override
  public void probe() throws Exception {
    String readOnly =
        database.transact(handle -> handle.createQuery(sql.fill(PROBE)).mapTo(String.class).one());
    if (readOnly.equals("on")) {
      throw new SQLException("it can only be read from", SqlFailures.READ_ONLY);
    }
  }

  @Override
  public Optional<FailureKind> classify(Throwable failure) {
    return SqlFailures.classify(failure);
  }

  @Override
  public <R> R transact(@Nullable FencingToken token, LogWork<R> work) throws Exception {
    try {
      return transactOnce(token, work);
    } catch (SQLException e) {
      if (SqlFailures.state(e).equals(SqlFailures.IDLE_IN_TRANSACTION)) {
        throw new SQLException(
            ("the server ended the transaction, because the sink was at work for longer than a"
                    + " transaction may be idle (%s); this is the longer of the log's"
                    + " statementTimeout and of what the engine's sinkTimeout needs")
                .formatted(database.idleLimit()),
            SqlFailures.IDLE_IN_TRANSACTION,
            e);
      }
      throw e;
    }
  }

  private <R> R transactOnce(@Nullable FencingToken token, LogWork<R> work) throws Exception {
    return database.transact(
        handle -> {
          VerificationBounds bounds = VerificationBounds.hold(handle, sql, token);
          PostgresLogTransaction transaction = new PostgresLogTransaction(handle, sql, bounds);
          R result;
          try {
            result = work.apply(transaction);
          } catch (Exception e) {
            throw SinkConnection.described(e, handle.getConnection());
          }
          transaction.checkAfterSink();
          bounds.mark(handle, sql, transaction.changed());
          return result;
        });
  }

  @Override
  public boolean offersSnapshots() {
    return true;
  }

  @Override
  public <R> R snapshot(SnapshotWork<R> work) {
    return database.read(
        handle -> {
          handle.execute(PostgresLogSnapshot.BEGIN);
          return work.apply(new PostgresLogSnapshot(handle, sql));
        });
  }

  @Override
  public boolean offersWorkOutside() {
    return true;
  }

  /**
   * Lets a sink use a connection with auto-commit. The lock ends after the longest time that an
   * engine's sink may take, if its holder does not end it.
   */
  @Override
  public <R> Optional<R> outsideTransaction(OutsideTransaction.Work<R> work) throws Exception {
    WorkOutsideLock lock = new WorkOutsideLock(database, sql);
    if (!lock.take(database.idleLimit())) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          database.withoutTransaction(
              handle -> work.apply(new ConnectionOutside(handle.getConnection()))));
    } finally {
      lock.release();
    }
  }

  private record ConnectionOutside(Connection handle) implements OutsideTransaction {
    @Override
    public void abort() {
      OpenTransaction.abort(handle);
    }
  }

  @Override
  public StoreDifferenceRecord storeDifferences() {
    return new PostgresStoreDifferences(database, sql);
  }

  @Override
  public boolean recordsHandOuts() {
    return true;
  }

  @Override
  public LogEntries entries() {
    return new PostgresLogEntries(database, sql);
  }

  @Override
  public FailedTrades failedTrades() {
    return new PostgresFailedTrades(database, sql);
  }

  @Override
  public OrphanTracker orphans() {
    return new PostgresOrphanTracker(database, sql);
  }

  @Override
  public Verification verification() {
    return new PostgresVerification(database, sql);
  }

  @Override
  public ScopeRecord scope() {
    return new PostgresScopeRecord(database, sql, keepAsLongAsTrades);
  }

  @Override
  public OutsideRows outsideRows() {
    return new PostgresOutsideRows(database, sql);
  }

  @Override
  public RunHistory runs() {
    return new PostgresRunHistory(database, sql);
  }

  @Override
  public RunLease lease() {
    return new PostgresRunLease(database, sql);
  }

  /** Collects a log's settings. Can be reused. Not thread-safe. */
  public static final class Builder {

    /** The service by default. */
    public static final String DEFAULT_SERVICE = "analytics";

    /** The schema by default. */
    public static final String DEFAULT_SCHEMA = "public";

    private final DataSource dataSource;

    /** The longest time of a statement by default. */
    public static final Duration DEFAULT_STATEMENT_TIMEOUT = Duration.ofMinutes(1);

    private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
    private static final Duration MAX_TIMEOUT = Duration.ofHours(1);

    private String service = DEFAULT_SERVICE;
    private String schema = DEFAULT_SCHEMA;
    private boolean migrate = true;
    private boolean keepAsLongAsTrades;
    private Duration statementTimeout = DEFAULT_STATEMENT_TIMEOUT;

    private Builder(DataSource dataSource) {
      this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
    }

    /**
     * Sets the service whose log this is. Several services can share the tables.
     *
     * @param value a name; {@link #DEFAULT_SERVICE} by default
     * @throws InvalidSettingException if the name is empty
     */
    public Builder service(String value) {
      this.service = notBlank("service", value);
      return this;
    }

    /**
     * Sets the schema of the log's tables; it is created if it does not exist.
     *
     * @param value a name with any characters; {@link #DEFAULT_SCHEMA} by default
     * @throws InvalidSettingException if the name is empty
     */
    public Builder schema(String value) {
      this.schema = notBlank("schema", value);
      return this;
    }

    /**
     * Sets whether the migrations that are missing are applied when an engine is built. If they are
     * not, the tables must exist: the migrations are files in this jar, under {@code
     * io/tradesync/jdbc/migrations/log}.
     *
     * @param value true by default
     */
    public Builder migrate(boolean value) {
      this.migrate = value;
      return this;
    }

    /**
     * Sets whether the log is kept only as long as the trades. Each run then deletes up to 200,000
     * entries below the sink's retention boundary, so that the log does not grow for ever. What an
     * audit reports below the boundary begins where entries were last deleted.
     *
     * @param value false by default: entries are kept for ever
     * @see TimescaleSink.Builder#retainFor how long trades are kept
     */
    public Builder keepAsLongAsTrades(boolean value) {
      this.keepAsLongAsTrades = value;
      return this;
    }

    /**
     * Sets the longest time of one statement, also of a {@link TimescaleSink}. The server ends what
     * takes longer, so that no lock and no stopped process holds up a run for ever. For the same
     * reason it ends a transaction that is idle for as long; if an engine's {@link
     * io.tradesync.SyncEngineBuilder#sinkTimeout} is longer, for 5 seconds more than a sink may
     * take. Migrations are not limited. A server that does not answer at all is given up after
     * twice that time and five seconds, unless the DataSource has a socket timeout.
     *
     * @param value a millisecond to an hour; {@link #DEFAULT_STATEMENT_TIMEOUT} by default
     * @throws InvalidSettingException if the value is out of range
     */
    public Builder statementTimeout(Duration value) {
      if (value.compareTo(MIN_TIMEOUT) < 0 || value.compareTo(MAX_TIMEOUT) > 0) {
        throw new InvalidSettingException(
            "statementTimeout", value, "must be a millisecond to an hour");
      }
      this.statementTimeout = value;
      return this;
    }

    /** Creates the log; does not use the database yet. */
    public PostgresSyncLog build() {
      return new PostgresSyncLog(this);
    }

    static String notBlank(String name, String value) {
      if (value.isBlank()) {
        throw new InvalidSettingException(name, value, "must not be empty");
      }
      return value;
    }
  }
}
