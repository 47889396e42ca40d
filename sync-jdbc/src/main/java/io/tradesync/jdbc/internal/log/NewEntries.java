package io.tradesync.jdbc.internal.log;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.BinaryCopy;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Records trades as processed that the log does not hold yet, within one transaction. */
record NewEntries(Handle handle, LogSql sql, TrackedIds ids) {

  // Waits for transactions that are recording the same keys.
  private static final String INSERT =
      """
      with offered as (
        select o.second, o.id, o.fingerprint, tracked.trade_timestamp as other_second
        from unnest(
            cast(:seconds as bigint[]), cast(:ids as text[]), cast(:fingerprints as bigint[]))
          with ordinality as o (second, id, fingerprint, place)
        left join lateral {tracked} on tracked.trade_timestamp <> o.second
        order by o.place
      ), added as (
        insert into :"schema".sync_log
          (service, trade_timestamp, trade_id, status, fingerprint, processed_at, run_id)
        select :service, second, id, 'processed', fingerprint, now(), :run
        from offered
        where other_second is null
        on conflict do nothing
        returning trade_timestamp, trade_id)
      select second, id, other_second
      from offered
      where not exists (
        select 1 from added as a where a.trade_timestamp = second and a.trade_id = id)\
      """;

  private static final String COPY_INTO =
      ":\"schema\".sync_log "
          + "(service, trade_timestamp, trade_id, status, fingerprint, processed_at, run_id)";

  private static final String SELECT_TIME = "select {now_micros}";

  private static final String SELECT_TIME_IF_RANGE_IS_EMPTY =
      """
      select {now_micros},
        (select trade_id
          from :"schema".sync_tracked_id
          where service = :service
          order by trade_id
          limit 1) is not null
      where (
        select trade_id
        from :"schema".sync_log
        where {first_to_last}
        order by trade_timestamp, trade_id
        limit 1) is null\
      """;

  /**
   * Records trades whose keys the log does not hold and whose ids are at no other key.
   *
   * @return the keys that were not recorded, each with the other key at which the id is; empty if
   *     the log holds the key itself
   */
  Map<TradeKey, Optional<TradeKey>> insert(List<Trade> trades, String runId) {
    Map<TradeKey, Optional<TradeKey>> notAdded = new HashMap<>();
    if (!trades.isEmpty()) {
      var query =
          LogSql.bindKeys(sql.query(handle, INSERT), trades.stream().map(Trade::key).toList());
      SqlArrays.bind(query, "fingerprints", "bigint", trades, Trade::fingerprint)
          .bind("run", runId)
          .map(
              (row, context) -> {
                TradeKey key = EntryRow.key(row, context);
                Long otherSecond = row.getObject(3, Long.class);
                return Map.entry(
                    key,
                    Optional.ofNullable(otherSecond).map(second -> new TradeKey(second, key.id())));
              })
          .forEach(entry -> notAdded.put(entry.getKey(), entry.getValue()));
    }
    return notAdded;
  }

  /**
   * A log without an entry in a range.
   *
   * @param nowMicros the transaction's time, in microseconds since 1970-01-01T00:00:00Z
   * @param tracksIds whether the log tracks any id
   */
  private record EmptyRange(long nowMicros, boolean tracksIds) {}

  /**
   * Tracks and records many trades by COPY, if all of them are new.
   *
   * @return false if nothing was recorded
   */
  boolean copy(List<Trade> trades, String runId) throws SQLException {
    Connection connection = handle.getConnection();
    if (!BinaryCopy.isWorthIt(connection, trades.size())) {
      return false;
    }
    Optional<EmptyRange> empty = emptyRange(trades);
    if (empty.isEmpty()) {
      return false;
    }
    // COPY itself notices an id that is tracked already, if it tracks that id as well.
    List<Trade> unnoticed = trades.stream().filter(trade -> !ids.isTracked(trade)).toList();
    if (empty.get().tracksIds && !ids.otherKeys(unnoticed).isEmpty()) {
      return false;
    }
    long nowMicros = empty.get().nowMicros;
    return BinaryCopy.unlessThere(
        connection,
        () -> {
          ids.copy(connection, trades);
          copyEntries(connection, trades, nowMicros, runId);
        });
  }

  /**
   * Records many trades by COPY whose ids are locked and at no other key.
   *
   * @return false if nothing was recorded, as if the log holds one of the keys already
   */
  boolean copyLocked(List<Trade> trades, String runId) throws SQLException {
    Connection connection = handle.getConnection();
    if (!BinaryCopy.isWorthIt(connection, trades.size())) {
      return false;
    }
    long nowMicros = handle.createQuery(sql.fill(SELECT_TIME)).mapTo(Long.class).one();
    return BinaryCopy.unlessThere(
        connection, () -> copyEntries(connection, trades, nowMicros, runId));
  }

  private void copyEntries(Connection connection, List<Trade> trades, long nowMicros, String runId)
      throws SQLException {
    BinaryCopy.copy(
        connection,
        sql.fill(COPY_INTO),
        rows -> {
          for (Trade trade : trades) {
            rows.row(7)
                .text(sql.service())
                .bigint(trade.epochSecond())
                .text(trade.id())
                .text("processed")
                .bigint(trade.fingerprint())
                .timestamp(nowMicros)
                .text(runId);
          }
        });
  }

  private Optional<EmptyRange> emptyRange(List<Trade> trades) {
    return LogSql.bindFirstAndLast(sql.query(handle, SELECT_TIME_IF_RANGE_IS_EMPTY), trades)
        .map((row, context) -> new EmptyRange(row.getLong(1), row.getBoolean(2)))
        .findOne();
  }
}
