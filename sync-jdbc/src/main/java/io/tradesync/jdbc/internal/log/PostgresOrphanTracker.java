package io.tradesync.jdbc.internal.log;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.OrphanTracker;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Gone trades as rows of {@code sync_watch} with a time. Thread-safe. */
public final class PostgresOrphanTracker implements OrphanTracker {

  private static final String IN_RANGES =
      """
      exists (
        select 1
        from unnest(:afterSecond, :afterId, :upToSecond, :upToId)
          as r (after_second, after_id, up_to_second, up_to_id)
        where (w.trade_timestamp, w.trade_id) > (r.after_second, r.after_id)
          and (w.trade_timestamp, w.trade_id) <= (r.up_to_second, r.up_to_id))""";

  private final StoreDatabase database;
  private final LogTables tables;

  public PostgresOrphanTracker(StoreDatabase database, LogTables tables) {
    this.database = database;
    this.tables = tables;
  }

  @Override
  public Set<TradeKey> recordGone(List<KeyRange> ranges, List<TradeKey> gone, Duration grace) {
    return database.read(
        handle -> {
          back(handle, ranges, gone);
          if (gone.isEmpty()) {
            return Set.of();
          }
          note(handle, gone);
          return overdue(handle, gone, grace);
        });
  }

  private void back(Handle handle, List<KeyRange> ranges, List<TradeKey> gone) {
    String sql =
        """
        update %s as w set gone_since = null
        where w.service = :service and w.gone_since is not null and %s
          and (w.trade_timestamp, w.trade_id) not in (select * from unnest(:seconds, :ids))"""
            .formatted(tables.watch(), IN_RANGES);
    LogColumns.keys(LogColumns.ranges(handle.createUpdate(sql), ranges), gone, key -> key)
        .bind("service", tables.service())
        .execute();
  }

  // Ids are locked in their order, as by a claim. Of two keys of one id one is noted at a time: the
  // one at which the id stands.
  private void note(Handle handle, List<TradeKey> gone) {
    String sql =
        """
        insert into %1$s as w (service, trade_id, trade_timestamp, gone_since)
        select :service, g.id, min(g.second), now()
        from unnest(:seconds, :ids) as g (second, id)
        left join %1$s as s on s.service = :service and s.trade_id = g.id
        where s.trade_id is null or s.trade_timestamp = g.second
        group by g.id
        order by g.id collate "C"
        on conflict (service, trade_id) do update set gone_since = excluded.gone_since
        where w.trade_timestamp = excluded.trade_timestamp and w.gone_since is null"""
            .formatted(tables.watch());
    LogColumns.keys(handle.createUpdate(sql), gone, key -> key)
        .bind("service", tables.service())
        .execute();
  }

  private Set<TradeKey> overdue(Handle handle, List<TradeKey> gone, Duration grace) {
    String sql =
        """
        select w.trade_timestamp, w.trade_id
        from unnest(:seconds, :ids) as g (second, id)
        join %1$s as w
          on w.service = :service and w.trade_id = g.id and w.trade_timestamp = g.second
        where w.gone_since <= now() - :grace * interval '1 millisecond'
        union all
        select g.second, g.id
        from unnest(:seconds, :ids) as g (second, id)
        join %1$s as w
          on w.service = :service and w.trade_id = g.id and w.trade_timestamp <> g.second
        join %2$s as failed
          on failed.service = :service and failed.trade_timestamp = g.second
            and failed.trade_id = g.id and failed.status = 'error'
        join %2$s as held
          on held.service = :service and held.trade_timestamp = w.trade_timestamp
            and held.trade_id = g.id and held.status = 'processed'"""
            .formatted(tables.watch(), tables.log());
    return new HashSet<>(
        LogColumns.keys(handle.createQuery(sql), gone, key -> key)
            .bind("service", tables.service())
            .bind("grace", grace.toMillis())
            .map((row, context) -> new TradeKey(row.getLong(1), row.getString(2)))
            .list());
  }

  @Override
  public void recordBackOutside(List<KeyRange> ranges) {
    String sql =
        """
        update %s as w set gone_since = null
        where w.service = :service and w.gone_since is not null and not %s"""
            .formatted(tables.watch(), IN_RANGES);
    database.read(
        handle ->
            LogColumns.ranges(handle.createUpdate(sql), ranges)
                .bind("service", tables.service())
                .execute());
  }
}
