package io.tradesync.jdbc.internal.log;

import io.tradesync.FailedTrade;
import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.FailedTrades;
import io.tradesync.spi.log.TradeFailure;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.List;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;

/** Records failed trades in {@code sync_log}. Thread-safe. */
public final class PostgresFailedTrades implements FailedTrades {

  /** The columns that {@link #failed} expects. */
  static final String COLUMNS =
      "trade_timestamp, trade_id, error_message, attempts, failed_at, run_id, parked,"
          + " accepted_reason";

  private static final String MARK_FAILED =
      """
      insert into :"schema".sync_log as l
        (service, trade_timestamp, trade_id, status, fingerprint, attempts, data_failures, parked,
         failed_fingerprint, unreadable_rows, failed_at, error_message, run_id)
      select :service, second, id, 'error', fingerprint, 1, counted,
        rows > 0 or counted >= :parkAfter, fingerprint, rows, now(), reason, :run
      from unnest(
          cast(:seconds as bigint[]), cast(:ids as text[]), cast(:fingerprints as bigint[]),
          cast(:reasons as text[]), cast(:counts as integer[]), cast(:rows as integer[]))
        as f (second, id, fingerprint, reason, counted, rows)
      on conflict (service, trade_timestamp, trade_id) do update
      set status = case l.status when 'processed' then 'processed' else 'error' end,
        fingerprint =
          case l.status when 'processed' then l.fingerprint else excluded.fingerprint end,
        attempts = l.attempts + 1,
        data_failures = excluded.data_failures
          + case when l.failed_fingerprint = excluded.fingerprint then l.data_failures else 0 end,
        parked = excluded.unreadable_rows > 0
          or excluded.data_failures
            + case when l.failed_fingerprint = excluded.fingerprint then l.data_failures else 0 end
            >= :parkAfter
          or (l.failed_fingerprint = excluded.fingerprint and l.accepted_reason is not null),
        accepted_reason =
          case when l.failed_fingerprint = excluded.fingerprint then l.accepted_reason end,
        failed_fingerprint = excluded.fingerprint,
        unreadable_rows = excluded.unreadable_rows,
        failed_at = excluded.failed_at,
        error_message = excluded.error_message,
        run_id = excluded.run_id
      where l.status <> 'processed' or l.fingerprint <> excluded.fingerprint
      returning {failed}\
      """;

  private static final String RELEASE_PARKED =
      """
      update :"schema".sync_log
      set parked = false, data_failures = 0, accepted_reason = null
      where {in_range} and failed_at is not null and parked\
      """;

  private static final String ACCEPT =
      """
      update :"schema".sync_log
      set parked = true, accepted_reason = :reason
      where {is_key} and {is_error}\
      """;

  private static final String LIST =
      """
      select {failed}
      from :"schema".sync_log
      where {in_range} and failed_at is not null
      order by trade_timestamp, trade_id
      limit :limit\
      """;

  private final StoreDatabase database;
  private final LogSql sql;

  public PostgresFailedTrades(StoreDatabase database, LogSql sql) {
    this.database = database;
    this.sql = sql;
  }

  @Override
  public List<FailedTrade> markFailed(List<TradeFailure> failures, String runId, int parkAfter) {
    List<TradeKey> keys = failures.stream().map(TradeFailure::key).toList();
    return database.read(
        handle -> {
          VerificationBounds bounds = VerificationBounds.hold(handle, sql, null);
          Query query = LogSql.bindKeys(sql.query(handle, MARK_FAILED), keys);
          SqlArrays.bind(query, "fingerprints", "bigint", failures, TradeFailure::fingerprint);
          SqlArrays.bind(query, "reasons", "text", failures, TradeFailure::reason);
          SqlArrays.bind(
              query, "counts", "integer", failures, f -> f.ofData() && !runId.isEmpty() ? 1 : 0);
          SqlArrays.bind(query, "rows", "integer", failures, TradeFailure::unreadableRows);
          List<FailedTrade> marked =
              query
                  .bind("parkAfter", parkAfter)
                  .bind("run", runId)
                  .map(PostgresFailedTrades::failed)
                  .list();
          bounds.mark(handle, sql, keys);
          marked.sort(Comparator.comparing(FailedTrade::key));
          return marked;
        });
  }

  @Override
  public long releaseParked(KeyRange range) {
    return database.read(
        handle -> KeyRangeSql.bind(sql.update(handle, RELEASE_PARKED), range).execute());
  }

  @Override
  public long accept(List<TradeKey> keys, String reason) {
    return database.read(
        handle ->
            LogSql.bindKeys(sql.update(handle, ACCEPT), keys).bind("reason", reason).execute());
  }

  @Override
  public List<FailedTrade> list(TradeKey after, int limit) {
    return database.read(
        handle ->
            KeyRangeSql.bind(sql.query(handle, LIST), KeyRange.all().after(after))
                .bind("limit", limit)
                .map(PostgresFailedTrades::failed)
                .list());
  }

  private static FailedTrade failed(ResultSet row, StatementContext context) throws SQLException {
    return new FailedTrade(
        EntryRow.key(row, context),
        row.getString(3),
        row.getInt(4),
        row.getObject(5, OffsetDateTime.class).toInstant(),
        row.getString(6),
        row.getBoolean(7),
        row.getString(8));
  }
}
