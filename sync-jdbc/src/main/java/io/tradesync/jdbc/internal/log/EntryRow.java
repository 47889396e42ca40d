package io.tradesync.jdbc.internal.log;

import io.tradesync.TradeKey;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Reads a row of {@code sync_log}. */
final class EntryRow {

  /** The columns that {@link #read} expects. */
  static final String COLUMNS =
      "trade_timestamp, trade_id, status, fingerprint, "
          + "case when failed_at is not null then failed_fingerprint end, unreadable_rows, parked, "
          + "accepted_reason is not null";

  private EntryRow() {}

  static LogEntry read(ResultSet row, StatementContext context) throws SQLException {
    return new LogEntry(
        key(row, context),
        EntryStatus.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
        row.getLong(4),
        failure(row));
  }

  private static LogEntry.@Nullable Failure failure(ResultSet row) throws SQLException {
    Long failed = row.getObject(5, Long.class);
    return failed == null
        ? null
        : new LogEntry.Failure(failed, row.getInt(6), row.getBoolean(7), row.getBoolean(8));
  }

  /** Reads a key from the first two columns. */
  static TradeKey key(ResultSet row, StatementContext context) throws SQLException {
    return new TradeKey(row.getLong(1), row.getString(2));
  }
}
