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
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.Update;

/**
 * A lease as a row of {@code sync_lease}: an expiry by the server's clock, and a fence that rises
 * with each grant (https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html).
 * Every batch locks the row as FOR KEY SHARE and checks the fence ({@link
 * VerificationBounds#hold}); a takeover locks it FOR UPDATE and so waits for batches under way,
 * while a renewal, which changes no key, waits for nobody. Thread-safe.
 */
public final class PostgresRunLease implements RunLease {

  // The number alone could be given twice: a server with synchronous_commit off may forget in a
  // crash that it was given once.
  private static final String HELD =
      "service = :service and kind = :kind and fence = :fence and run_id = :run";

  private static final Duration LONGEST_TAKEOVER = Duration.ofSeconds(3);

  private final StoreDatabase database;
  private final LogTables tables;

  public PostgresRunLease(StoreDatabase database, LogTables tables) {
    this.database = database;
    this.tables = tables;
  }

  /** Who holds a lease; {@code free} if it may be granted to the run that asks. */
  private record Holder(String runId, OffsetDateTime startedAt, boolean free) {}

  @Override
  public FencingToken acquire(LeaseKind kind, String runId, Duration ttl) {
    return database.read(
        handle -> {
          Optional<Holder> holder = holder(handle, kind, runId, "");
          if (holder.filter(h -> h.free).isPresent()) {
            // Only now: locking a lease that is held would wait for its holder's batches.
            holder = lock(handle, kind, runId, holder.get());
          }
          if (holder.isPresent() && !holder.get().free) {
            throw running(holder.get());
          }
          return grant(handle, kind, runId, ttl)
              .orElseThrow(() -> running(holder(handle, kind, runId, "").orElseThrow()));
        });
  }

  /** Waits for batches under way, but not for those of a process that was stopped. */
  private Optional<Holder> lock(Handle handle, LeaseKind kind, String runId, Holder expired) {
    handle.execute("set local lock_timeout = " + LONGEST_TAKEOVER.toMillis());
    try {
      return holder(handle, kind, runId, " for update");
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

  private Optional<Holder> holder(Handle handle, LeaseKind kind, String runId, String lock) {
    String sql =
        """
        select run_id, started_at, expires_at <= clock_timestamp() or run_id = :run
        from %s where service = :service and kind = :kind"""
                .formatted(tables.lease())
            + lock;
    return handle
        .createQuery(sql)
        .bind("service", tables.service())
        .bind("kind", name(kind))
        .bind("run", runId)
        .map(
            (row, context) ->
                new Holder(
                    row.getString(1), row.getObject(2, OffsetDateTime.class), row.getBoolean(3)))
        .findOne();
  }

  private Optional<FencingToken> grant(Handle handle, LeaseKind kind, String runId, Duration ttl) {
    String sql =
        """
        insert into %s as l (service, kind, run_id, fence, started_at, expires_at)
        values (:service, :kind, :run, 1, clock_timestamp(),
          clock_timestamp() + :ttl * interval '1 millisecond')
        on conflict (service, kind) do update
        set run_id = excluded.run_id,
          fence = l.fence + case when l.run_id = excluded.run_id then 0 else 1 end,
          started_at = excluded.started_at, expires_at = excluded.expires_at
        where l.expires_at <= clock_timestamp() or l.run_id = excluded.run_id
        returning fence"""
            .formatted(tables.lease());
    return handle
        .createQuery(sql)
        .bind("service", tables.service())
        .bind("kind", name(kind))
        .bind("run", runId)
        .bind("ttl", ttl.toMillis())
        .mapTo(Long.class)
        .findOne()
        .map(number -> new FencingToken(kind, runId, number));
  }

  @Override
  public boolean renew(FencingToken token, Duration ttl) {
    String set = "expires_at = clock_timestamp() + :ttl * interval '1 millisecond'";
    return update(set, token, update -> update.bind("ttl", ttl.toMillis()));
  }

  /** The fence rises, so that a renewal that is still on its way does not bring the lease back. */
  @Override
  public void release(FencingToken token) {
    boolean ignored =
        update("expires_at = clock_timestamp(), fence = fence + 1", token, update -> update);
  }

  private boolean update(String set, FencingToken token, UnaryOperator<Update> binding) {
    String sql = "update %s set %s where %s".formatted(tables.lease(), set, HELD);
    return database.read(
        handle -> binding.apply(bind(handle.createUpdate(sql), tables, token)).execute() == 1);
  }

  /**
   * Makes a transaction one of the holder's until its end, as {@link VerificationBounds#hold} does.
   *
   * @throws LeaseLostException if the lease is no longer held
   */
  static void hold(Handle handle, LogTables tables, FencingToken token) {
    String sql = "select 1 from %s where %s for key share".formatted(tables.lease(), HELD);
    if (bind(handle.createQuery(sql), tables, token).mapTo(Integer.class).findOne().isEmpty()) {
      throw new LeaseLostException(token);
    }
  }

  /** Binds what tells a holder: {@code :service}, {@code :kind}, {@code :fence}, {@code :run}. */
  static <S extends SqlStatement<S>> S bind(S statement, LogTables tables, FencingToken token) {
    return statement
        .bind("service", tables.service())
        .bind("kind", name(token.lease()))
        .bind("fence", token.number())
        .bind("run", token.runId());
  }

  private static String name(LeaseKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
