package io.tradesync.jdbc.internal.log;

import io.tradesync.KeyRange;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.GracePeriod;
import io.tradesync.spi.log.OrphanTracker;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Records in {@code sync_tracked_id} since when trades are gone. Thread-safe. */
public final class PostgresOrphanTracker implements OrphanTracker {

  // Each range is one search of the index of what is gone: to compare 10,000 rows with each of 990
  // ranges took 7 s. Ids are locked in their order, as by a claim, and together with those that are
  // recorded as gone next.
  private static final String RECORD_BACK =
      """
      update :"schema".sync_tracked_id
      set gone_since = null
      where ctid = any (array(
        select t.ctid
        from (
          select *
          from (
            select b.trade_id as id, b.trade_timestamp as back_at
            from {ranges}
            cross join lateral (
              select trade_timestamp, trade_id
              from :"schema".sync_tracked_id
              where gone_since is not null and {in_row}
              order by trade_timestamp, trade_id) as b
            where (b.trade_timestamp, b.trade_id) not in (select * from {keys})
            union all
            select o.id, null
            from {keys} as o (second, id)
            cross join lateral (
              select trade_timestamp, gone_since
              from :"schema".sync_tracked_id
              {of_tracked_id}) as k
            where k.trade_timestamp = o.second and k.gone_since is null) as a
          order by a.id collate "C") as o
        cross join lateral (
          select ctid, trade_timestamp
          from :"schema".sync_tracked_id
          {of_tracked_id}
          for update) as t
        where t.trade_timestamp = o.back_at))\
      """;

  private static final String RECORD_BACK_OUTSIDE =
      """
      update :"schema".sync_tracked_id
      set gone_since = null
      where ctid = any (array(
        select ctid
        from :"schema".sync_tracked_id
        where service = :service and gone_since is not null
          and (trade_timestamp, trade_id) not in (
            select g.trade_timestamp, g.trade_id
            from {ranges}
            cross join lateral (
              select trade_timestamp, trade_id
              from :"schema".sync_tracked_id
              where gone_since is not null and {in_row}
              order by trade_timestamp, trade_id) as g)
        order by trade_id
        for update))\
      """;

  // Of two keys of one id one is recorded at a time: the one at which the id is tracked. Its grace
  // period begins now, and not when the transaction began, which may have waited for others.
  private static final String RECORD_GONE =
      """
      insert into :"schema".sync_tracked_id as t (service, trade_id, trade_timestamp, gone_since)
      select :service, o.id, min(o.second), clock_timestamp()
      from {keys} as o (second, id)
      left join lateral (
        select trade_id, trade_timestamp, gone_since
        from :"schema".sync_tracked_id
        {of_tracked_id}) as k on true
      where k.trade_id is null or (k.trade_timestamp = o.second and k.gone_since is null)
      group by o.id
      order by o.id collate "C"
      on conflict (service, trade_id) do update set gone_since = excluded.gone_since
      where t.trade_timestamp = excluded.trade_timestamp and t.gone_since is null\
      """;

  // Each key is looked up by itself: a plan for all of them, made when the tables were small, would
  // read all of them. Not now(), at which the transaction began: another one that began later may
  // have recorded a trade before this one did.
  private static final String SELECT_DUE =
      """
      with g as (
        select o.second, o.id, t.trade_timestamp, t.gone_since
        from {keys} as o (second, id)
        cross join lateral (
          select trade_timestamp, gone_since
          from :"schema".sync_tracked_id
          {of_tracked_id}) as t)
      select second, id
      from g
      where trade_timestamp = second
        and gone_since <= least(clock_timestamp(), cast(:by as timestamptz))
          - :graceMillis * interval '1 millisecond'
      union all
      select g.second, g.id
      from g
      cross join lateral (
        select status
        from :"schema".sync_log
        where service = :service and trade_timestamp = g.second and trade_id = g.id
        limit 1) as failed
      cross join lateral (
        select status
        from :"schema".sync_log
        where service = :service and trade_timestamp = g.trade_timestamp and trade_id = g.id
        limit 1) as processed
      where g.trade_timestamp <> g.second
        and failed.status = 'error' and processed.status = 'processed'
        and not exists (
          select 1
          from :"schema".sync_handed_out as h
          where h.service = :service and h.trade_id = g.id and h.trade_timestamp = g.second)\
      """;

  // Keeps who changed the entry last, since no run retracts its trade now.
  private static final String RETRACT =
      """
      update :"schema".sync_log
      set status = 'retracted', processed_at = now(), {without_failure}
      where {is_key} and status = 'processed'\
      """;

  private final StoreDatabase database;
  private final LogSql sql;

  public PostgresOrphanTracker(StoreDatabase database, LogSql sql) {
    this.database = database;
    this.sql = sql;
  }

  @Override
  public Instant now() {
    return database.read(
        handle -> handle.createQuery("select now()").mapTo(OffsetDateTime.class).one().toInstant());
  }

  @Override
  public Set<TradeKey> recordGone(List<KeyRange> ranges, List<TradeKey> gone, GracePeriod grace) {
    return database.read(
        handle -> {
          KeyRangeSql.bind(LogSql.bindKeys(sql.update(handle, RECORD_BACK), gone), ranges)
              .execute();
          if (gone.isEmpty()) {
            return Set.of();
          }
          LogSql.bindKeys(sql.update(handle, RECORD_GONE), gone).execute();
          return due(handle, gone, grace);
        });
  }

  // Without a time of its own, least() answers the time of the question.
  private Set<TradeKey> due(Handle handle, List<TradeKey> gone, GracePeriod grace) {
    OffsetDateTime by = grace.by().map(time -> time.atOffset(ZoneOffset.UTC)).orElse(null);
    return new HashSet<>(
        LogSql.bindKeys(sql.query(handle, SELECT_DUE), gone)
            .bind("graceMillis", grace.length().toMillis())
            .bind("by", by)
            .map(EntryRow::key)
            .list());
  }

  @Override
  public List<String> retractedIds(int limit) {
    return database.read(handle -> new RetractedIds(handle, sql).first(limit));
  }

  @Override
  public List<TradeKey> searchProcessed(List<String> ids) {
    List<TradeKey> found = new ArrayList<>();
    TradeKey after = TradeKey.MIN;
    while (!after.equals(TradeKey.MAX)) {
      TradeKey from = after;
      after = database.read(handle -> new RetractedIds(handle, sql).search(ids, from, found));
    }
    return found;
  }

  @Override
  public void settleRetracted(List<TradeKey> keys, List<String> searched) {
    Set<String> ids = HandOuts.ids(keys);
    ids.addAll(searched);
    database.read(
        handle -> {
          VerificationBounds bounds = VerificationBounds.hold(handle, sql, null);
          LockedEntries ignored = LockedEntries.lock(handle, sql, keys);
          RetractedIds retracted = new RetractedIds(handle, sql);
          Set<String> still = retracted.lock(ids);
          List<TradeKey> settled = keys.stream().filter(key -> still.contains(key.id())).toList();
          if (!settled.isEmpty()) {
            LogSql.bindKeys(sql.update(handle, RETRACT), settled).execute();
          }
          retracted.delete(searched);
          bounds.mark(handle, sql, settled);
          return settled;
        });
  }

  @Override
  public void recordBackOutside(List<KeyRange> ranges) {
    database.read(
        handle -> KeyRangeSql.bind(sql.update(handle, RECORD_BACK_OUTSIDE), ranges).execute());
  }
}
