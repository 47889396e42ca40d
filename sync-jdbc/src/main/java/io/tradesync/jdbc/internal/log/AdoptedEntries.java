package io.tradesync.jdbc.internal.log;

import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.spi.HeldTrade;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Sets entries to what the sink holds, within one transaction. */
record AdoptedEntries(Handle handle, LogSql sql) {

  private static final String RESERVE =
      """
      insert into :"schema".sync_log
        (service, trade_timestamp, trade_id, status, fingerprint, run_id)
      select :service, k.second, k.id, 'retracted', 0, :run
      from {keys} as k (second, id)
      order by k.second, k.id
      on conflict do nothing\
      """;

  private static final String SET_HELD =
      """
      update :"schema".sync_log
      set status = 'processed', fingerprint = o.fingerprint, processed_at = now(),
        {without_failure}, run_id = :run
      from unnest(
          cast(:seconds as bigint[]), cast(:ids as text[]), cast(:fingerprints as bigint[]))
        as o (second, id, fingerprint)
      where service = :service and trade_timestamp = o.second and trade_id = o.id\
      """;

  private static final String SET_NOT_HELD =
      """
      update :"schema".sync_log
      set status = 'retracted', processed_at = now(), {without_failure}, run_id = :run
      where {is_key} and status = 'processed'\
      """;

  private static final String REPAIRED =
      """
      delete from :"schema".sync_store_difference
      where service = :service and start_second = :start\
      """;

  /** Creates the entries that are missing, so that all can be locked. */
  void reserve(Collection<TradeKey> keys, String runId) {
    LogSql.bindKeys(sql.update(handle, RESERVE), keys).bind("run", runId).execute();
  }

  void set(Collection<TradeKey> keys, List<HeldTrade> rows, String runId) {
    List<TradeKey> gone = new ArrayList<>(keys);
    rows.forEach(row -> gone.remove(row.key()));
    if (!rows.isEmpty()) {
      var update =
          LogSql.bindKeys(sql.update(handle, SET_HELD), rows.stream().map(HeldTrade::key).toList());
      SqlArrays.bind(update, "fingerprints", "bigint", rows, AdoptedEntries::content)
          .bind("run", runId)
          .execute();
    }
    if (!gone.isEmpty()) {
      LogSql.bindKeys(sql.update(handle, SET_NOT_HELD), gone).bind("run", runId).execute();
    }
  }

  // A row with a wrong value that the fingerprint leaves out is no content that a trade can have.
  private static long content(HeldTrade row) {
    return row.sound() ? row.fingerprint() : ~row.fingerprint();
  }

  void repaired(long start) {
    sql.update(handle, REPAIRED).bind("start", start).execute();
  }
}
