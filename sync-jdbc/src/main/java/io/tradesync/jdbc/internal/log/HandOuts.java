package io.tradesync.jdbc.internal.log;

import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.HandOut;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/** What is perhaps in the sink, in {@code sync_handed_out}, within one transaction. */
record HandOuts(Handle handle, LogSql sql) {

  // One search an id by the key's index, whatever a plan expects of a table that was empty when it
  // was made: the other index has neither the range nor the order.
  private static final String READ =
      """
      select h.*
      from unnest(cast(:ids as text[])) as i (id)
      cross join lateral (
        select {hand_out}
        from :"schema".sync_handed_out
        where service = :service and trade_id between i.id and i.id
        order by trade_id, trade_timestamp) as h\
      """;

  // Locked in the order of ids, after the tracked ids and before the entries.
  private static final String LOCK =
      """
      select h.*
      from (select * from unnest(cast(:ids as text[])) as i (id) order by i.id collate "C") as i
      cross join lateral (
        select {hand_out}
        from :"schema".sync_handed_out
        where service = :service and trade_id between i.id and i.id
        order by trade_id, trade_timestamp
        for update) as h\
      """;

  // Creates the rows of keys that have none and locks the others of their ids, in the same order,
  // before a revision is drawn.
  private static final String RESERVE =
      """
      with k as (select * from {keys} as k (second, id))
      insert into :"schema".sync_handed_out as h
        (service, trade_timestamp, trade_id, revision, forced)
      select :service, r.second, r.id, 0, false
      from (
        select second, id from k
        union
        select h.trade_timestamp, h.trade_id
        from k
        cross join lateral (
          select trade_timestamp, trade_id
          from :"schema".sync_handed_out
          where service = :service and trade_id between k.id and k.id
          order by trade_id, trade_timestamp) as h) as r
      order by r.id collate "C", r.second
      on conflict (service, trade_id, trade_timestamp) do update set revision = h.revision\
      """;

  private static final String DELETE_RESERVED =
      """
      delete from :"schema".sync_handed_out
      where {is_hand_out} and revision = 0\
      """;

  private static final String RECORD =
      """
      insert into :"schema".sync_handed_out
        (service, trade_timestamp, trade_id, fingerprint, old_timestamp, revision, forced)
      select :service, o.*
      from unnest(
          cast(:seconds as bigint[]), cast(:ids as text[]), cast(:fingerprints as bigint[]),
          cast(:oldSeconds as bigint[]), cast(:revisions as bigint[]), cast(:forced as boolean[]))
        as o (second, id, fingerprint, old_second, revision, forced)
      on conflict (service, trade_id, trade_timestamp) do update
      set fingerprint = excluded.fingerprint, old_timestamp = excluded.old_timestamp,
        revision = excluded.revision, forced = excluded.forced\
      """;

  private static final String ANSWER =
      RetractedIds.WITHOUT_WRITTEN
          + """
          delete from :"schema".sync_handed_out
          where {is_hand_out}\
          """;

  private static final String WITHDRAW =
      """
      delete from :"schema".sync_handed_out
      where service = :service and trade_id = any (cast(:ids as text[]))
        and revision = any (cast(:revisions as bigint[]))\
      """;

  static Set<String> ids(Collection<TradeKey> keys) {
    Set<String> ids = new TreeSet<>();
    keys.forEach(key -> ids.add(key.id()));
    return ids;
  }

  List<HandOut> lock(Set<String> ids) {
    return read(LOCK, ids);
  }

  /** Reads what is there of ids; what {@link #reserve} found is locked. */
  List<HandOut> read(Set<String> ids) {
    return read(READ, ids);
  }

  private List<HandOut> read(String statement, Set<String> ids) {
    return SqlArrays.bind(sql.query(handle, statement), "ids", "text", ids, id -> id)
        .map(HandOutRow::read)
        .filter(handOut -> handOut.revision() > 0)
        .list();
  }

  void reserve(Collection<TradeKey> keys) {
    LogSql.bindKeys(sql.update(handle, RESERVE), keys).execute();
  }

  /** Deletes the rows of keys for which nothing was recorded after {@link #reserve}. */
  void deleteReserved(Collection<TradeKey> keys) {
    if (!keys.isEmpty()) {
      LogSql.bindKeys(sql.update(handle, DELETE_RESERVED), keys).execute();
    }
  }

  void record(List<HandOut> handOuts) {
    var update =
        LogSql.bindKeys(sql.update(handle, RECORD), handOuts.stream().map(HandOut::key).toList());
    SqlArrays.bind(update, "fingerprints", "bigint", handOuts, HandOut::fingerprint);
    SqlArrays.bind(update, "oldSeconds", "bigint", handOuts, HandOut::oldSecond);
    SqlArrays.bind(update, "revisions", "bigint", handOuts, HandOut::revision);
    SqlArrays.bind(update, "forced", "boolean", handOuts, HandOut::forced).execute();
  }

  /** Ends the hand-outs of keys, and lets ids that are written now be retracted no longer. */
  void answer(Collection<TradeKey> keys, Set<String> written) {
    if (!keys.isEmpty()) {
      RetractedIds.bindWritten(LogSql.bindKeys(sql.update(handle, ANSWER), keys), written)
          .execute();
    }
  }

  void withdraw(List<TradeChange> changes) {
    var update =
        SqlArrays.bind(
            sql.update(handle, WITHDRAW), "ids", "text", changes, change -> change.key().id());
    SqlArrays.bind(update, "revisions", "bigint", changes, TradeChange::revision).execute();
  }
}
