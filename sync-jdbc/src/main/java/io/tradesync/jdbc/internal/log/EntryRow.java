package io.tradesync.jdbc.internal.log;

import io.tradesync.TradeKey;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import org.jdbi.v3.core.statement.StatementContext;

/** Reads a row of {@code sync_log}. */
final class EntryRow {

  /** The columns that {@link #read} expects. */
  static final String COLUMNS =
      "trade_timestamp, trade_id, status, fingerprint, case when parked then failed_fingerprint end";

  private EntryRow() {}

  static LogEntry read(ResultSet row, StatementContext context) throws SQLException {
    return new LogEntry(
        key(row, context),
        EntryStatus.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
        row.getLong(4),
        row.getObject(5, Long.class));
  }

  /** Reads a key from the first two columns. */
  static TradeKey key(ResultSet row, StatementContext context) throws SQLException {
    return new TradeKey(row.getLong(1), row.getString(2));
  }
}
