package io.tradesync.jdbc.internal.log;

import io.tradesync.spi.log.HandOut;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jdbi.v3.core.statement.StatementContext;

/** Reads a row of {@code sync_handed_out}. */
final class HandOutRow {

  /** The columns that {@link #read} expects. */
  static final String COLUMNS =
      "trade_timestamp, trade_id, fingerprint, old_timestamp, revision, forced";

  private HandOutRow() {}

  static HandOut read(ResultSet row, StatementContext context) throws SQLException {
    return new HandOut(
        EntryRow.key(row, context),
        row.getObject(3, Long.class),
        row.getObject(4, Long.class),
        row.getLong(5),
        row.getBoolean(6));
  }
}
