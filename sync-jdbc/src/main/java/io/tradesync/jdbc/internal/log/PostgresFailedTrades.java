package io.tradesync.jdbc.internal.log;

import io.tradesync.FailedTrade;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.FailedTrades;
import io.tradesync.spi.log.TradeFailure;
import java.time.OffsetDateTime;
import java.util.List;

/** Records failed trades in {@code sync_log}. Thread-safe. */
public final class PostgresFailedTrades implements FailedTrades {

  private final StoreDatabase database;
  private final LogTables tables;

  public PostgresFailedTrades(StoreDatabase database, LogTables tables) {
    this.database = database;
    this.tables = tables;
  }

  @Override
  public void markFailed(List<TradeFailure> failures, String runId, int parkAfter) {
    String sql =
        """
        insert into %s as l
          (service, trade_timestamp, trade_id, status, fingerprint, attempts, data_failures, parked,
           failed_fingerprint, failed_at, error_message, run_id)
        select :service, second, id, 'error', fingerprint, 1, counted, counted >= :parkAfter,
          fingerprint, now(), reason, :run
        from unnest(:seconds, :ids, :fingerprints, :reasons, :counts)
          as f (second, id, fingerprint, reason, counted)
        on conflict (service, trade_timestamp, trade_id) do update
        set status = case l.status when 'processed' then 'processed' else 'error' end,
          fingerprint = case l.status when 'processed' then l.fingerprint
            else excluded.fingerprint end,
          attempts = l.attempts + 1,
          data_failures = excluded.data_failures
            + case when l.failed_fingerprint = excluded.fingerprint then l.data_failures else 0 end,
          parked = excluded.data_failures
            + case when l.failed_fingerprint = excluded.fingerprint then l.data_failures else 0 end
            >= :parkAfter,
          failed_fingerprint = excluded.fingerprint,
          failed_at = excluded.failed_at,
          error_message = excluded.error_message,
          run_id = excluded.run_id
        where l.status <> 'processed' or l.fingerprint <> excluded.fingerprint"""
            .formatted(tables.log());
    database.read(
        handle -> {
          VerificationBounds bounds = VerificationBounds.hold(handle, tables, null);
          var update = LogColumns.keys(handle.createUpdate(sql), failures, TradeFailure::key);
          LogColumns.numbers(update, "fingerprints", failures, TradeFailure::fingerprint);
          LogColumns.numbers(
              update,
              "counts",
              failures,
              failure -> failure.ofData() && !runId.isEmpty() ? 1L : 0L);
          LogColumns.texts(update, "reasons", failures, TradeFailure::reason)
              .bind("service", tables.service())
              .bind("parkAfter", parkAfter)
              .bind("run", runId)
              .execute();
          bounds.mark(handle, tables, failures.stream().map(TradeFailure::key).toList());
          return Boolean.TRUE;
        });
  }

  @Override
  public long releaseParked(KeyRange range) {
    String sql =
        "update %s set parked = false, data_failures = 0 where %s and failed_at is not null and parked"
            .formatted(tables.log(), PostgresLogEntries.IN_RANGE);
    return database.read(
        handle ->
            LogColumns.range(handle.createUpdate(sql), range)
                .bind("service", tables.service())
                .execute());
  }

  @Override
  public List<FailedTrade> list(TradeKey after, int limit) {
    String sql =
        """
        select trade_timestamp, trade_id, error_message, attempts, failed_at, run_id, parked
        from %s
        where service = :service and failed_at is not null
          and (trade_timestamp, trade_id) > (:second, :id)
        order by trade_timestamp, trade_id
        limit :limit"""
            .formatted(tables.log());
    return database.read(
        handle ->
            handle
                .createQuery(sql)
                .bind("service", tables.service())
                .bind("second", after.epochSecond())
                .bind("id", after.id())
                .bind("limit", limit)
                .map(
                    (row, context) ->
                        new FailedTrade(
                            new TradeKey(row.getLong(1), row.getString(2)),
                            row.getString(3),
                            row.getInt(4),
                            row.getObject(5, OffsetDateTime.class).toInstant(),
                            row.getString(6),
                            row.getBoolean(7)))
                .list());
  }
}
