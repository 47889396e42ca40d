package io.tradesync.jdbc.internal.log;

import io.tradesync.KeyRange;
import io.tradesync.Side;
import io.tradesync.TradesyncException;
import io.tradesync.Verified;
import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.Verification;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/**
 * A service's row of {@code sync_service}, and its marks in {@code sync_unverified}. Thread-safe.
 */
public final class PostgresVerification implements Verification {

  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private final StoreDatabase database;
  private final LogTables tables;

  public PostgresVerification(StoreDatabase database, LogTables tables) {
    this.database = database;
    this.tables = tables;
  }

  @Override
  public Snapshot snapshot() {
    String verified =
        """
        select verified_from, verified_through, verified_trades, verified_at
        from %s where service = :service and verified_through is not null"""
            .formatted(tables.services());
    String marks =
        "select start_second from %s where service = :service".formatted(tables.unverified());
    return database.read(
        handle ->
            Snapshot.of(
                handle
                    .createQuery(verified)
                    .bind("service", tables.service())
                    .map((row, context) -> verified(row))
                    .findOne(),
                new TreeSet<>(
                    handle
                        .createQuery(marks)
                        .bind("service", tables.service())
                        .mapTo(Long.class)
                        .list())));
  }

  private static Verified verified(ResultSet row) throws SQLException {
    return new Verified(
        row.getObject(1, Long.class),
        row.getLong(2),
        row.getLong(3),
        row.getObject(4, OffsetDateTime.class).toInstant());
  }

  @Override
  public boolean begin(FencingToken token, long finalThrough) {
    try {
      return database.transact(
          handle -> {
            PostgresRunLease.hold(handle, tables, token);
            handle.execute("set local lock_timeout = '1s'");
            handle
                .createUpdate(
                    """
                    update %s
                    set final_through = greatest(final_through, :through),
                      mark_through = greatest(mark_through, :through)
                    where service = :service"""
                        .formatted(tables.services()))
                .bind("through", finalThrough)
                .bind("service", tables.service())
                .execute();
            execute(
                handle,
                """
                with taken as (
                  delete from %1$s where service = :service and not taken_over
                  returning start_second)
                insert into %1$s (service, start_second, taken_over)
                select :service, start_second, true from taken
                on conflict do nothing""");
            return true;
          });
    } catch (TradesyncException e) {
      throw e;
    } catch (Exception e) {
      if (SqlFailures.state(e).equals(LOCK_NOT_AVAILABLE)) {
        return false;
      }
      throw SqlFailures.unavailable(Side.STORE, e);
    }
  }

  private void execute(Handle handle, String sqlOnUnverified) {
    handle
        .createUpdate(sqlOnUnverified.formatted(tables.unverified()))
        .bind("service", tables.service())
        .execute();
  }

  @Override
  public void complete(FencingToken token, Verified verified, List<KeyRange> unverified) {
    database.read(
        handle -> {
          PostgresRunLease.hold(handle, tables, token);
          int remembered =
              handle
                  .createUpdate(
                      """
                  update %s
                  set verified_from = :from, verified_through = :through,
                    verified_trades = :trades, verified_at = clock_timestamp(),
                    mark_through = :through
                  where service = :service and mark_through is not null"""
                          .formatted(tables.services()))
                  .bind("from", verified.fromEpochSecond())
                  .bind("through", verified.throughEpochSecond())
                  .bind("trades", verified.trades())
                  .bind("service", tables.service())
                  .execute();
          if (remembered == 0) {
            return Boolean.FALSE;
          }
          execute(handle, "delete from %s where service = :service and taken_over");
          mark(handle, unverified, verified.throughEpochSecond());
          forgetAbove(handle, verified.throughEpochSecond());
          return Boolean.TRUE;
        });
  }

  /** Forgets marks above what is verified, and ids of trades long below it. */
  private void forgetAbove(Handle handle, long through) {
    handle
        .createUpdate(
            "delete from %s where service = :service and start_second > :through"
                .formatted(tables.unverified()))
        .bind("service", tables.service())
        .bind("through", through)
        .execute();
    handle
        .createUpdate(
            """
            delete from %s as w
            where w.service = :service and w.trade_timestamp <= :through - %4$d
              and w.gone_since is null
              and not exists (
                select 1 from %s as u
                where u.service = :service
                  and u.start_second > w.trade_timestamp - %3$d
                  and u.start_second <= w.trade_timestamp)"""
                .formatted(tables.watch(), tables.unverified(), SUB_RANGE_SECONDS, TRACKED_SECONDS))
        .bind("service", tables.service())
        .bind("through", through)
        .execute();
  }

  private void mark(Handle handle, List<KeyRange> ranges, long through) {
    if (ranges.isEmpty()) {
      return;
    }
    String sql =
        """
        insert into %s (service, start_second, taken_over)
        select :service, start, false
        from unnest(:afterSecond, :afterId, :upToSecond, :upToId)
          as r (after_second, after_id, up_to_second, up_to_id)
        cross join lateral generate_series(
          r.after_second, least(r.up_to_second - 1, :through), %d) as start
        order by start
        on conflict do nothing"""
            .formatted(tables.unverified(), SUB_RANGE_SECONDS);
    LogColumns.ranges(handle.createUpdate(sql), ranges)
        .bind("service", tables.service())
        .bind("through", through)
        .execute();
  }

  @Override
  public void markUnverified(List<KeyRange> ranges) {
    database.read(
        handle -> {
          mark(handle, ranges, VerificationBounds.hold(handle, tables, null).markThrough());
          return Boolean.TRUE;
        });
  }

  @Override
  public void forget() {
    database.read(
        handle -> {
          handle
              .createUpdate(
                  """
                  update %s
                  set verified_from = null, verified_through = null, verified_trades = null,
                    verified_at = null, mark_through = null
                  where service = :service"""
                      .formatted(tables.services()))
              .bind("service", tables.service())
              .execute();
          execute(handle, "delete from %s where service = :service");
          return Boolean.TRUE;
        });
  }
}
