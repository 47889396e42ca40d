package io.tradesync.jdbc.internal.log;

import static java.util.stream.Collectors.toSet;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.BinaryCopy;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.spi.TradeChange;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The ids whose trades may still move, in {@code sync_tracked_id}, within one transaction. */
record TrackedIds(Handle handle, LogSql sql, VerificationBounds bounds) {

  // A trade that is claimed is not gone.
  private static final String TRACK =
      """
      insert into :"schema".sync_tracked_id as t (service, trade_id, trade_timestamp)
      select :service, o.id, o.second
      from unnest(cast(:seconds as bigint[]), cast(:ids as text[]))
        with ordinality as o (second, id, place)
      order by o.place
      on conflict (service, trade_id) do update
      set gone_since =
        case when t.trade_timestamp = excluded.trade_timestamp then null else t.gone_since end
      where t.trade_timestamp <> excluded.trade_timestamp or t.gone_since is not null\
      """;

  private static final String COPY_INTO =
      ":\"schema\".sync_tracked_id (service, trade_id, trade_timestamp)";

  private static final String SELECT_OTHER_KEYS =
      """
      select o.second, o.id, tracked.trade_timestamp
      from {keys} as o (second, id)
      cross join lateral {tracked}
      where tracked.trade_timestamp <> o.second\
      """;

  // Each id is looked up by itself, in the order of the locks: joined, a plan without statistics
  // reads the whole table for each batch.
  private static final String LOCK_OTHER_KEYS =
      """
      select o.second, o.id, t.trade_timestamp
      from (select * from {keys} as k (second, id) order by k.id collate "C", k.second) as o
      cross join lateral (
        select trade_timestamp
        from :"schema".sync_tracked_id
        {of_tracked_id}
        for update) as t\
      """;

  private static final String LOCK_IDS =
      """
      select o.id, t.is_gone
      from (select * from unnest(cast(:ids as text[])) as i (id) order by i.id collate "C") as o
      cross join lateral (
        select gone_since is not null as is_gone
        from :"schema".sync_tracked_id
        {of_tracked_id}
        for update) as t\
      """;

  // The insert always finds the row. An update joined to them reads the whole table, if PostgreSQL
  // has no statistics of it yet.
  private static final String MOVE =
      """
      with moved as (
        select o.id as trade_id, t.trade_timestamp as old_second, o.second
        from (select * from {keys} as k (second, id) order by k.id collate "C", k.second) as o
        cross join lateral (
          select trade_timestamp
          from :"schema".sync_tracked_id
          {of_tracked_id}
          for update) as t
        where t.trade_timestamp <> o.second
      ), updated as (
        insert into :"schema".sync_tracked_id (service, trade_id, trade_timestamp)
        select :service, trade_id, max(second) from moved group by trade_id
        on conflict (service, trade_id) do update
        set trade_timestamp = excluded.trade_timestamp, gone_since = null)
      select second, trade_id, old_second from moved\
      """;

  private static final String MOVE_BACK =
      """
      update :"schema".sync_tracked_id as t
      set trade_timestamp = o.old_second
      from unnest(
          cast(:seconds as bigint[]), cast(:ids as text[]), cast(:oldSeconds as bigint[]))
        as o (second, id, old_second)
      where t.service = :service and t.trade_id = o.id and t.trade_timestamp = o.second\
      """;

  private static final String RECORD_BACK =
      """
      update :"schema".sync_tracked_id
      set gone_since = null
      where service = :service and trade_id = any (cast(:ids as text[]))\
      """;

  // The rows are locked already, so they stay where they are.
  private static final String UNTRACK =
      """
      delete from :"schema".sync_tracked_id
      where ctid = any (array(
        select t.ctid
        from {keys} as o (second, id)
        cross join lateral (
          select ctid, trade_timestamp
          from :"schema".sync_tracked_id
          {of_tracked_id}) as t
        where t.trade_timestamp = o.second))\
      """;

  boolean isTracked(Trade trade) {
    return trade.epochSecond() > bounds.trackedAbove();
  }

  /** Returns the keys whose ids are to be tracked, in the order in which ids are locked. */
  private List<TradeKey> tracked(List<Trade> trades) {
    return trades.stream().filter(this::isTracked).map(Trade::key).sorted(LogSql.BY_ID).toList();
  }

  /** Tracks and locks the ids of trades that may move, unless they are tracked already. */
  void track(List<Trade> trades) {
    List<TradeKey> keys = tracked(trades);
    if (!keys.isEmpty()) {
      LogSql.bindKeys(sql.update(handle, TRACK), keys).execute();
    }
  }

  /** As {@link #track}, of ids that are not tracked yet. */
  void copy(Connection connection, List<Trade> trades) throws SQLException {
    List<TradeKey> keys = tracked(trades);
    if (!keys.isEmpty()) {
      BinaryCopy.copy(
          connection,
          sql.fill(COPY_INTO),
          rows -> {
            for (TradeKey key : keys) {
              rows.row(3).text(sql.service()).text(key.id()).bigint(key.epochSecond());
            }
          });
    }
  }

  /** Returns, by the key of a trade, the other key at which its id is. */
  Map<TradeKey, TradeKey> otherKeys(List<Trade> trades) {
    return trades.isEmpty() ? Map.of() : moves(sql.query(handle, SELECT_OTHER_KEYS), trades);
  }

  /** Locks ids; returns, by a key, the other key at which its id is. */
  Map<TradeKey, TradeKey> lockOtherKeys(List<TradeKey> keys) {
    Map<TradeKey, TradeKey> otherKeys = new HashMap<>();
    LogSql.bindKeys(sql.query(handle, LOCK_OTHER_KEYS), keys)
        .map((row, context) -> Map.entry(EntryRow.key(row, context), otherKey(row)))
        .filter(found -> !found.getKey().equals(found.getValue()))
        .forEach(found -> otherKeys.put(found.getKey(), found.getValue()));
    return otherKeys;
  }

  /** Locks ids, in their order; returns those that are recorded as gone. */
  Set<String> lock(Collection<String> sortedIds) {
    return SqlArrays.bind(sql.query(handle, LOCK_IDS), "ids", "text", sortedIds, id -> id)
        .map((row, context) -> Map.entry(row.getString(1), row.getBoolean(2)))
        .stream()
        .filter(Map.Entry::getValue)
        .map(Map.Entry::getKey)
        .collect(toSet());
  }

  /** Records that ids, which are locked, are not gone. */
  void recordBack(Set<String> ids) {
    if (!ids.isEmpty()) {
      SqlArrays.bind(sql.update(handle, RECORD_BACK), "ids", "text", ids, id -> id).execute();
    }
  }

  /** Moves ids to the keys of trades; returns, by such a key, the one at which the id was. */
  Map<TradeKey, TradeKey> move(List<Trade> trades) {
    return moves(sql.query(handle, MOVE), trades);
  }

  /** Takes back the moves of changes that were not carried out. */
  void moveBack(List<TradeChange> changes) {
    List<TradeChange> replacements =
        changes.stream()
            .filter(change -> change.before().isPresent() && change.after().isPresent())
            .toList();
    if (!replacements.isEmpty()) {
      var update =
          LogSql.bindKeys(
              sql.update(handle, MOVE_BACK), replacements.stream().map(TradeChange::key).toList());
      SqlArrays.bind(
              update,
              "oldSeconds",
              "bigint",
              replacements,
              change -> change.before().map(TradeKey::epochSecond).orElse(null))
          .execute();
    }
  }

  private static Map<TradeKey, TradeKey> moves(Query query, List<Trade> trades) {
    Map<TradeKey, TradeKey> moves = new HashMap<>();
    LogSql.bindKeys(query, trades.stream().map(Trade::key).toList())
        .map((row, context) -> Map.entry(EntryRow.key(row, context), otherKey(row)))
        .forEach(move -> moves.put(move.getKey(), move.getValue()));
    return moves;
  }

  private static TradeKey otherKey(ResultSet row) throws SQLException {
    return new TradeKey(row.getLong(3), row.getString(2));
  }

  /** Tracks ids, which are locked, no longer if they are at keys whose entries are retracted. */
  void untrack(Collection<TradeKey> keys) {
    if (!keys.isEmpty()) {
      LogSql.bindKeys(sql.update(handle, UNTRACK), keys).execute();
    }
  }
}
