package io.tradesync.jdbc.internal.log;

import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.RunLease;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * Grants a lease as a row of {@code sync_lease}: an expiry by the server's clock, and a fencing
 * token that rises with each grant
 * (https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html). Each batch locks
 * the row FOR KEY SHARE and checks the token ({@link VerificationBounds#hold}). A takeover locks it
 * FOR UPDATE and so waits for the batches that are under way; a renewal changes no key and waits
 * for none of them. Thread-safe.
 */
public final class PostgresRunLease implements RunLease {

  private static final Duration MAX_TAKEOVER_WAIT = Duration.ofSeconds(3);

  private static final String SELECT_HOLDER =
      """
      select run_id, started_at, expires_at <= clock_timestamp() or run_id = :run
      from :"schema".sync_lease
      where service = :service and kind = :kind\
      """;

  private static final String LOCK_HOLDER =
      """
      select run_id, started_at, expires_at <= clock_timestamp() or run_id = :run
      from :"schema".sync_lease
      where service = :service and kind = :kind
      for update\
      """;

  private static final String GRANT =
      """
      insert into :"schema".sync_lease as l
        (service, kind, run_id, fencing_token, started_at, expires_at)
      values (:service, :kind, :run, 1, clock_timestamp(),
        clock_timestamp() + :ttlMillis * interval '1 millisecond')
      on conflict (service, kind) do update
      set run_id = excluded.run_id,
        fencing_token = l.fencing_token + case when l.run_id = excluded.run_id then 0 else 1 end,
        cancel_requested = l.cancel_requested and l.run_id = excluded.run_id,
        started_at = excluded.started_at, expires_at = excluded.expires_at
      where l.expires_at <= clock_timestamp() or l.run_id = excluded.run_id
      returning fencing_token\
      """;

  // The token alone could be granted twice: a server with synchronous_commit off may forget in a
  // crash that it granted it.
  private static final String HOLD =
      """
      select 1
      from :"schema".sync_lease
      where service = :service and kind = :kind and fencing_token = :token and run_id = :run
      for key share\
      """;

  private static final String RENEW =
      """
      update :"schema".sync_lease
      set expires_at = clock_timestamp() + :ttlMillis * interval '1 millisecond'
      where service = :service and kind = :kind and fencing_token = :token and run_id = :run\
      """;

  private static final String REQUEST_CANCEL =
      """
      update :"schema".sync_lease
      set cancel_requested = true
      where service = :service and run_id = :run and expires_at > clock_timestamp()\
      """;

  private static final String CANCEL_REQUESTED =
      """
      select cancel_requested
      from :"schema".sync_lease
      where service = :service and kind = :kind and fencing_token = :token and run_id = :run\
      """;

  // The token rises, so that a renewal that is still under way does not bring the lease back.
  private static final String RELEASE =
      """
      update :"schema".sync_lease
      set expires_at = clock_timestamp(), fencing_token = fencing_token + 1
      where service = :service and kind = :kind and fencing_token = :token and run_id = :run\
      """;

  private final StoreDatabase database;
  private final LogSql sql;

  public PostgresRunLease(StoreDatabase database, LogSql sql) {
    this.database = database;
    this.sql = sql;
  }

  /** The run that a lease was granted to last; {@code isFree} if the asking run may have it. */
  private record Holder(String runId, OffsetDateTime startedAt, boolean isFree) {}

  @Override
  public FencingToken acquire(LeaseKind kind, String runId, Duration ttl) {
    return database.read(
        handle -> {
          Optional<Holder> holder = holder(handle, SELECT_HOLDER, kind, runId);
          if (holder.filter(Holder::isFree).isPresent()) {
            // Not before: locking a lease that is held would wait for its holder's batches.
            holder = lock(handle, kind, runId, holder.get());
          }
          if (holder.isPresent() && !holder.get().isFree) {
            throw running(holder.get());
          }
          return grant(handle, kind, runId, ttl)
              .orElseThrow(() -> running(holder(handle, SELECT_HOLDER, kind, runId).orElseThrow()));
        });
  }

  /** Waits for batches that are under way, but not for those of a process that was stopped. */
  private Optional<Holder> lock(Handle handle, LeaseKind kind, String runId, Holder expired) {
    handle.execute("set local lock_timeout = " + MAX_TAKEOVER_WAIT.toMillis());
    try {
      return holder(handle, LOCK_HOLDER, kind, runId);
    } catch (JdbiException e) {
      if (SqlFailures.state(e).equals(SqlFailures.LOCK_NOT_AVAILABLE)) {
        throw running(expired);
      }
      throw e;
    }
  }

  private static SyncAlreadyRunningException running(Holder holder) {
    return new SyncAlreadyRunningException(holder.runId, holder.startedAt.toInstant());
  }

  private Optional<Holder> holder(Handle handle, String statement, LeaseKind kind, String runId) {
    return sql.query(handle, statement)
        .bind("kind", LogSql.name(kind))
        .bind("run", runId)
        .map(
            (row, context) ->
                new Holder(
                    row.getString(1), row.getObject(2, OffsetDateTime.class), row.getBoolean(3)))
        .findOne();
  }

  private Optional<FencingToken> grant(Handle handle, LeaseKind kind, String runId, Duration ttl) {
    return sql.query(handle, GRANT)
        .bind("kind", LogSql.name(kind))
        .bind("run", runId)
        .bind("ttlMillis", ttl.toMillis())
        .mapTo(Long.class)
        .findOne()
        .map(number -> new FencingToken(kind, runId, number));
  }

  @Override
  public boolean renew(FencingToken token, Duration ttl) {
    return database.read(
        handle ->
            bind(sql.update(handle, RENEW), token).bind("ttlMillis", ttl.toMillis()).execute()
                == 1);
  }

  @Override
  public boolean requestCancel(String runId) {
    return database.read(
        handle -> sql.update(handle, REQUEST_CANCEL).bind("run", runId).execute() > 0);
  }

  @Override
  public boolean isCancelRequested(FencingToken token) {
    return database.read(
        handle ->
            bind(sql.query(handle, CANCEL_REQUESTED), token)
                .mapTo(Boolean.class)
                .findOne()
                .orElse(false));
  }

  @Override
  public void release(FencingToken token) {
    database.read(handle -> bind(sql.update(handle, RELEASE), token).execute());
  }

  /**
   * Makes a transaction one of the lease's holder until it ends.
   *
   * @throws LeaseLostException if the lease is no longer held
   */
  static void hold(Handle handle, LogSql sql, FencingToken token) {
    if (bind(sql.query(handle, HOLD), token).mapTo(Integer.class).findOne().isEmpty()) {
      throw new LeaseLostException(token);
    }
  }

  /** Binds {@code :kind}, {@code :token} and {@code :run}. */
  static <S extends SqlStatement<S>> S bind(S statement, FencingToken token) {
    return statement
        .bind("kind", LogSql.name(token.lease()))
        .bind("token", token.number())
        .bind("run", token.runId());
  }
}
