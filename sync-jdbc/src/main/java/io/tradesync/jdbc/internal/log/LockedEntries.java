package io.tradesync.jdbc.internal.log;

import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.spi.log.LogEntry;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Entries that a transaction has locked.
 *
 * @param places where their rows are, until the transaction updates them
 */
record LockedEntries(
    Handle handle, LogSql sql, Map<TradeKey, LogEntry> entries, Map<TradeKey, String> places) {

  private static final String LOCK_ENTRIES =
      """
      select e.*
      from (
        select * from {keys} as k (second, id) order by k.second, k.id collate "C") as k
      cross join lateral (
        select {entry}, cast(ctid as text) as place
        from :"schema".sync_log
        where service = :service and trade_timestamp = k.second and trade_id = k.id
        for update) as e\
      """;

  private static final String UPDATE_RETRACTED =
      """
      update :"schema".sync_log
      set status = 'retracted', processed_at = now(), {without_failure}, run_id = :run
      where ctid = any (array(
        select cast(p.place as tid) from unnest(cast(:places as text[])) as p (place)))\
      """;

  /** Locks entries in key order. */
  static LockedEntries lock(Handle handle, LogSql sql, Collection<TradeKey> keys) {
    LockedEntries locked = new LockedEntries(handle, sql, new HashMap<>(), new HashMap<>());
    if (!keys.isEmpty()) {
      LogSql.bindKeys(sql.query(handle, LOCK_ENTRIES), keys)
          .map(
              (row, context) -> {
                LogEntry entry = EntryRow.read(row, context);
                locked.places.put(entry.key(), row.getString("place"));
                return entry;
              })
          .forEach(entry -> locked.entries.put(entry.key(), entry));
    }
    return locked;
  }

  /** Records entries as retracted that this transaction has not updated yet. */
  void retract(Collection<TradeKey> keys, String runId) {
    if (keys.isEmpty()) {
      return;
    }
    int updated =
        SqlArrays.bind(
                handle.createUpdate(sql.fill(UPDATE_RETRACTED)),
                "places",
                "text",
                keys,
                places::get)
            .bind("run", runId)
            .execute();
    if (updated != keys.size()) {
      throw new IllegalStateException(
          "of " + keys.size() + " locked entries only " + updated + " were found again");
    }
  }
}
