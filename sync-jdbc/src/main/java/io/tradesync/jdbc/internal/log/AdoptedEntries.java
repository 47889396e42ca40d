package io.tradesync.jdbc.internal.log;

import io.tradesync.TradeKey;
import io.tradesync.spi.HeldTrade;
import java.util.Collection;
import org.jdbi.v3.core.Handle;

/** What else it takes to set entries to what the sink holds, within one transaction. */
record AdoptedEntries(Handle handle, LogSql sql) {

  private static final String RESERVE =
      """
      insert into :"schema".sync_log
        (service, trade_timestamp, trade_id, status, fingerprint, run_id)
      select :service, k.second, k.id, 'retracted', 0, :run
      from {keys} as k (second, id)
      order by k.second, k.id collate "C"
      on conflict do nothing\
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

  // A row with a wrong value that the fingerprint leaves out is no content that a trade can have.
  static long content(HeldTrade row) {
    return row.sound() ? row.fingerprint() : ~row.fingerprint();
  }

  void repaired(long start) {
    sql.update(handle, REPAIRED).bind("start", start).execute();
  }
}
