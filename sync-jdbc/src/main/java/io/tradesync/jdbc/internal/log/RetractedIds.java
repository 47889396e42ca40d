package io.tradesync.jdbc.internal.log;

import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.OrphanTracker;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/** See {@link OrphanTracker#retractedIds}; in {@code sync_retracted_id}, within one transaction. */
record RetractedIds(Handle handle, LogSql sql) {

  /**
   * Deletes the rows of {@code :written}, locked in their order; to be put before a statement. One
   * that reads {@code written} begins after that.
   */
  static final String WITHOUT_WRITTEN =
      """
      with written as (
        delete from :"schema".sync_retracted_id
        where service = :service and trade_id in (
          select trade_id
          from :"schema".sync_retracted_id
          where service = :service and trade_id = any (cast(:written as text[]))
          order by trade_id
          for update)
        returning trade_id)
      """;

  // Creates rows and locks those that are there already, also of the ids that are written, in one
  // order: a write waits for the retraction before it gets a revision, and no two transactions wait
  // for each other.
  private static final String ADD =
      """
      insert into :"schema".sync_retracted_id (service, trade_id)
      select :service, r.id
      from (
        select id from unnest(cast(:ids as text[])) as i (id)
        union
        select trade_id
        from :"schema".sync_retracted_id
        where service = :service and trade_id = any (cast(:written as text[]))) as r
      order by r.id collate "C"
      on conflict (service, trade_id) do update set trade_id = excluded.trade_id\
      """;

  private static final String FIRST =
      """
      select trade_id
      from :"schema".sync_retracted_id
      where service = :service
      order by trade_id
      limit :limit\
      """;

  private static final String LOCK =
      """
      select trade_id
      from :"schema".sync_retracted_id
      where service = :service and trade_id = any (cast(:ids as text[]))
      order by trade_id
      for update\
      """;

  private static final String DELETE =
      """
      delete from :"schema".sync_retracted_id
      where service = :service and trade_id = any (cast(:ids as text[]))\
      """;

  // One page of all entries: those of the ids, and the last of the page.
  private static final String SEARCH =
      """
      with page as materialized (
        select trade_timestamp, trade_id, status
        from :"schema".sync_log
        where service = :service and (trade_timestamp, trade_id) > (:second, :id)
        order by trade_timestamp, trade_id
        limit :limit)
      select p.trade_timestamp, p.trade_id, false as is_last
      from page as p
      join unnest(cast(:ids as text[])) as i (id) on i.id = p.trade_id
      where p.status = 'processed'
      union all
      (select trade_timestamp, trade_id, true
      from page
      order by trade_timestamp desc, trade_id desc
      limit 1)\
      """;

  private static final int SEARCHED_AT_ONCE = 200_000;

  /** Returns the ids that changes write. */
  static Set<String> written(Collection<TradeChange> changes) {
    Set<String> ids = new TreeSet<>();
    changes.forEach(change -> change.after().ifPresent(trade -> ids.add(trade.id())));
    return ids;
  }

  static <S extends SqlStatement<S>> S bindWritten(S statement, Set<String> written) {
    return SqlArrays.bind(statement, "written", "text", written, id -> id);
  }

  /**
   * Adds the ids that changes retract and do not write.
   *
   * @param written the ids that they write; see {@link #written}
   */
  void add(Collection<TradeChange> changes, Set<String> written) {
    Set<String> ids = new TreeSet<>();
    changes.forEach(change -> ids.add(change.key().id()));
    ids.removeAll(written);
    if (!ids.isEmpty()) {
      bindWritten(SqlArrays.bind(sql.update(handle, ADD), "ids", "text", ids, id -> id), written)
          .execute();
    }
  }

  List<String> first(int limit) {
    return sql.query(handle, FIRST).bind("limit", limit).mapTo(String.class).list();
  }

  /** Locks those of some ids that are retracted. */
  Set<String> lock(Set<String> ids) {
    return new HashSet<>(
        SqlArrays.bind(sql.query(handle, LOCK), "ids", "text", ids, id -> id)
            .mapTo(String.class)
            .list());
  }

  void delete(Collection<String> ids) {
    if (!ids.isEmpty()) {
      SqlArrays.bind(sql.update(handle, DELETE), "ids", "text", ids, id -> id).execute();
    }
  }

  /**
   * Searches a page of the log for processed entries of some ids, and adds their keys.
   *
   * @return the last key of the page; {@link TradeKey#MAX} if there are no more entries
   */
  TradeKey search(List<String> ids, TradeKey after, List<TradeKey> found) {
    List<TradeKey> last = new ArrayList<>();
    SqlArrays.bind(sql.query(handle, SEARCH), "ids", "text", ids, id -> id)
        .bind("second", after.epochSecond())
        .bind("id", after.id())
        .bind("limit", SEARCHED_AT_ONCE)
        .map(
            (row, context) ->
                (row.getBoolean("is_last") ? last : found).add(EntryRow.key(row, context)))
        .list();
    return last.isEmpty() ? TradeKey.MAX : last.get(0);
  }
}
