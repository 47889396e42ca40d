package io.tradesync.jdbc.internal.log;

import io.tradesync.jdbc.internal.sql.StoreDatabase;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * The entries below the retention boundary, for a log that is kept as long as the trades. Their
 * trades may be gone, so nothing but an audit looks at them. Thread-safe.
 */
final class OldEntries {

  private static final String SELECT_SINCE =
      """
      select entries_since from :"schema".sync_retention where service = :service\
      """;

  // Every transaction that changes entries holds this row FOR SHARE, and has then read the
  // boundary.
  // So none that began with a lower boundary is left when this lock is granted. Otherwise it could
  // miss a deleted entry, and take its trade for a new one.
  private static final String LOCK_SERVICE =
      """
      select 1 from :"schema".sync_service where service = :service for update\
      """;

  // The boundary as an earlier transaction recorded it, not as it is now.
  private static final String RAISE =
      """
      update :"schema".sync_retention
      set entries_since = retained_since
      where service = :service and retained_since > coalesce(entries_since, retained_since - 1)\
      """;

  private static final String IS_LOWER =
      """
      select exists (
        select from :"schema".sync_retention
        where service = :service and retained_since > coalesce(entries_since, retained_since - 1))\
      """;

  private static final String DELETE =
      """
      delete from :"schema".sync_log as l
      using (
        select trade_timestamp, trade_id
        from :"schema".sync_log
        where service = :service and trade_timestamp < (
          select entries_since from :"schema".sync_retention where service = :service)
        order by trade_timestamp, trade_id
        limit :limit
        for update skip locked) as old
      where l.service = :service and l.trade_timestamp = old.trade_timestamp
        and l.trade_id = old.trade_id\
      """;

  private static final int PORTION = 10_000;

  private final StoreDatabase database;
  private final LogSql sql;

  OldEntries(StoreDatabase database, LogSql sql) {
    this.database = database;
    this.sql = sql;
  }

  /** Returns the second below which entries may be deleted; empty if there is none. */
  OptionalLong since() {
    return database.read(
        handle ->
            sql.query(handle, SELECT_SINCE)
                .mapTo(Long.class)
                .findOne()
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty()));
  }

  /** Deletes the next entries; returns whether there may be more. */
  boolean deleteNext() {
    if (database.read(handle -> sql.query(handle, IS_LOWER).mapTo(Boolean.class).one())) {
      database.read(this::raise);
    }
    return database.read(
        handle -> sql.update(handle, DELETE).bind("limit", PORTION).execute() == PORTION);
  }

  private int raise(Handle handle) {
    sql.query(handle, LOCK_SERVICE).mapTo(Integer.class).list();
    return sql.update(handle, RAISE).execute();
  }
}
