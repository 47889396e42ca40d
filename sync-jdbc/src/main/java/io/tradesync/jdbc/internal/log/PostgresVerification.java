package io.tradesync.jdbc.internal.log;

import io.tradesync.KeyRange;
import io.tradesync.Side;
import io.tradesync.TradesyncException;
import io.tradesync.Verified;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.SubRanges;
import io.tradesync.spi.log.Verification;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Remembers what was verified in the service's row of {@code sync_service}, and the marks in {@code
 * sync_unverified}. Thread-safe.
 *
 * <p>Locks are taken in the order of a batch: the service's row, the lease, the marks. A scope that
 * is widened meanwhile locks in the same order; see {@link ScopeSelection}.
 */
public final class PostgresVerification implements Verification {

  private static final String SELECT_VERIFIED =
      """
      select verified_from, verified_through, verified_trades, verified_kept, verified_at
      from :"schema".sync_service
      where service = :service and verified_through is not null\
      """;

  private static final String SELECT_MARKS =
      """
      select start_second
      from :"schema".sync_unverified
      where service = :service\
      """;

  private static final String LIMIT_WAIT = "set local lock_timeout = '1s'";

  private static final String ANNOUNCE =
      """
      insert into :"schema".sync_service as s (
        service, baseline, final_through, mark_through, compared_since)
      values (:service, :baseline, :through, :through, clock_timestamp())
      on conflict (service) do update
      set compared_since = excluded.compared_since,
        final_through = greatest(s.final_through, excluded.final_through),
        mark_through = greatest(s.mark_through, excluded.mark_through)\
      """;

  private static final String TAKE_MARKS_OVER =
      """
      with taken as (
        delete from :"schema".sync_unverified
        where service = :service and not taken_over
        returning start_second)
      insert into :"schema".sync_unverified (service, start_second, taken_over)
      select :service, start_second, true from taken
      on conflict do nothing\
      """;

  private static final String SET_VERIFIED =
      """
      update :"schema".sync_service
      set verified_from = :from, verified_through = :through, verified_trades = :trades,
        verified_kept = :kept, verified_at = coalesce(compared_since, clock_timestamp()),
        mark_through = :through
      where service = :service and mark_through is not null\
      """;

  private static final String DELETE_SETTLED_MARKS =
      """
      delete from :"schema".sync_unverified
      where service = :service and (taken_over or start_second > :through)\
      """;

  private static final String SETTLE =
      """
      delete from :"schema".sync_unverified as u
      using {ranges}
      where u.service = :service and u.taken_over
        and u.start_second >= r.after_second and u.start_second < r.up_to_second\
      """;

  private static final String MARK =
      """
      insert into :"schema".sync_unverified (service, start_second, taken_over)
      select :service, start, :ofRun
      from {ranges}
      cross join lateral generate_series(
        r.after_second, least(r.up_to_second - 1, :through), :subRangeSeconds) as start
      order by start
      on conflict do nothing\
      """;

  private static final String UNTRACK_VERIFIED =
      """
      delete from :"schema".sync_tracked_id as t
      where t.service = :service and t.trade_timestamp <= :through - :trackedSeconds
        and t.gone_since is null
        and not exists (
          select 1
          from :"schema".sync_unverified as u
          where u.service = :service
            and u.start_second > t.trade_timestamp - :subRangeSeconds
            and u.start_second <= t.trade_timestamp)\
      """;

  private static final String FORGET_VERIFIED =
      """
      update :"schema".sync_service
      set verified_from = null, verified_through = null, verified_trades = null,
        verified_kept = 0, verified_at = null, mark_through = null
      where service = :service\
      """;

  private static final String DELETE_MARKS =
      """
      delete from :"schema".sync_unverified
      where service = :service\
      """;

  private final StoreDatabase database;
  private final LogSql sql;

  public PostgresVerification(StoreDatabase database, LogSql sql) {
    this.database = database;
    this.sql = sql;
  }

  @Override
  public Snapshot snapshot() {
    return database.read(
        handle -> {
          Optional<Verified> verified =
              sql.query(handle, SELECT_VERIFIED).map(PostgresVerification::verified).findOne();
          List<Long> marks = sql.query(handle, SELECT_MARKS).mapTo(Long.class).list();
          return new Snapshot(verified, SubRanges.join(new TreeSet<>(marks)));
        });
  }

  private static Verified verified(ResultSet row, StatementContext context) throws SQLException {
    return new Verified(
        row.getObject(1, Long.class),
        row.getLong(2),
        row.getLong(3),
        row.getLong(4),
        row.getObject(5, OffsetDateTime.class).toInstant());
  }

  @Override
  public boolean begin(FencingToken token, long finalThrough) {
    try {
      return database.transact(
          handle -> {
            handle.execute(LIMIT_WAIT);
            sql.update(handle, ANNOUNCE)
                .bind("baseline", sql.serviceRow().baseline())
                .bind("through", finalThrough)
                .execute();
            PostgresRunLease.hold(handle, sql, token);
            sql.update(handle, TAKE_MARKS_OVER).execute();
            return true;
          });
    } catch (TradesyncException e) {
      throw e;
    } catch (Exception e) {
      if (SqlFailures.state(e).equals(SqlFailures.LOCK_NOT_AVAILABLE)) {
        return false;
      }
      throw SqlFailures.unavailable(Side.STORE, e);
    }
  }

  @Override
  public void complete(FencingToken token, Verified verified, List<KeyRange> unverified) {
    long through = verified.throughEpochSecond();
    database.read(
        handle -> {
          int remembered =
              sql.update(handle, SET_VERIFIED)
                  .bind("from", verified.fromEpochSecond())
                  .bind("through", through)
                  .bind("trades", verified.trades())
                  .bind("kept", verified.kept())
                  .execute();
          PostgresRunLease.hold(handle, sql, token);
          if (remembered > 0) {
            sql.update(handle, DELETE_SETTLED_MARKS).bind("through", through).execute();
            mark(handle, unverified, through, true);
            sql.update(handle, UNTRACK_VERIFIED)
                .bind("through", through)
                .bind("trackedSeconds", TRACKED_SECONDS)
                .bind("subRangeSeconds", SubRanges.SECONDS)
                .execute();
          }
          return Boolean.TRUE;
        });
  }

  @Override
  public void settle(FencingToken token, List<KeyRange> repaired) {
    database.read(
        handle -> {
          VerificationBounds.hold(handle, sql, token);
          return KeyRangeSql.bind(sql.update(handle, SETTLE), repaired).execute();
        });
  }

  private void mark(Handle handle, List<KeyRange> ranges, long through, boolean ofRun) {
    if (!ranges.isEmpty()) {
      KeyRangeSql.bind(sql.update(handle, MARK), ranges)
          .bind("through", through)
          .bind("subRangeSeconds", SubRanges.SECONDS)
          .bind("ofRun", ofRun)
          .execute();
    }
  }

  @Override
  public void markUnverified(List<KeyRange> ranges) {
    database.read(
        handle -> {
          mark(handle, ranges, VerificationBounds.hold(handle, sql, null).markThrough(), false);
          return Boolean.TRUE;
        });
  }

  @Override
  public void forget() {
    database.read(
        handle -> {
          forget(handle, sql);
          return Boolean.TRUE;
        });
  }

  /** As {@link #forget()}, within a transaction. */
  static void forget(Handle handle, LogSql sql) {
    sql.update(handle, FORGET_VERIFIED).execute();
    sql.update(handle, DELETE_MARKS).execute();
  }
}
