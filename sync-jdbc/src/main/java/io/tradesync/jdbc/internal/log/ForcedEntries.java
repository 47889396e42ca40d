package io.tradesync.jdbc.internal.log;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.PlanWithValues;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.ClaimRules;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogEntry;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Records trades as processed again that the log holds as processed with the same content, within
 * one transaction. The trades of a force are mostly of this kind, and nothing else is between them:
 * so they are recognised by the digest of the range from the first to the last one.
 */
record ForcedEntries(Handle handle, LogSql sql, TrackedIds ids) {

  private static final String TRACKS_IDS_IF_PROCESSED =
      """
      select (
          select trade_id
          from :"schema".sync_tracked_id
          where service = :service
          order by trade_id
          limit 1) is not null
      from (
        select fingerprint
        from :"schema".sync_log
        where {first_to_last} and status = 'processed'
        order by trade_timestamp, trade_id
        limit :count + 1) as e
      having count(*) = :count and sum(fingerprint) = :sum\
      """;

  // An entry that another transaction changed in between is locked in its new version, and not
  // found for the update: then the digest is another one.
  private static final String SET_PROCESSED =
      """
      with updated as (
        update :"schema".sync_log
        set processed_at = now(), {without_failure}, run_id = :run
        where ctid = any (array(
          select ctid
          from :"schema".sync_log
          where {first_to_last} and status = 'processed'
          order by trade_timestamp, trade_id
          for update))
        returning fingerprint)
      select count(*) = :count and sum(fingerprint) = :sum from updated\
      """;

  /** Returns whether a claim may consist of trades that are processed already. */
  static boolean canRepeat(ClaimRequest request) {
    return request.mode() == ClaimMode.FORCE
        && request.capabilities().contains(SinkCapability.REPLACE)
        && request.retractions().isEmpty()
        && !request.trades().isEmpty();
  }

  /** Decides on a claim of trades that were processed with the same content. */
  static ClaimRules.Decision decide(ClaimRequest request, long finalThrough) {
    Map<TradeKey, LogEntry> entries = new HashMap<>();
    for (Trade trade : request.trades()) {
      entries.put(
          trade.key(), new LogEntry(trade.key(), EntryStatus.PROCESSED, trade.fingerprint(), null));
    }
    return ClaimRules.decide(request, new ClaimRules.Held(entries, Map.of(), finalThrough));
  }

  /**
   * Records trades as processed.
   *
   * @param trades trades in key order
   * @return false if nothing was recorded or locked, because the log holds something else in their
   *     range
   */
  boolean setProcessed(List<Trade> trades, String runId) throws SQLException {
    Optional<Boolean> tracksIds =
        bind(sql.query(handle, TRACKS_IDS_IF_PROCESSED), trades).mapTo(Boolean.class).findOne();
    if (tracksIds.isEmpty()) {
      return false;
    }
    Connection connection = handle.getConnection();
    Savepoint before = connection.setSavepoint();
    ids.track(trades);
    if ((tracksIds.get() && !ids.otherKeys(trades).isEmpty())
        || !bind(sql.query(handle, SET_PROCESSED), trades)
            .bind("run", runId)
            .mapTo(Boolean.class)
            .one()) {
      connection.rollback(before);
      return false;
    }
    return true;
  }

  private static Query bind(Query query, List<Trade> trades) {
    BigDecimal sum = BigDecimal.ZERO;
    for (Trade trade : trades) {
      sum = sum.add(BigDecimal.valueOf(trade.fingerprint()));
    }
    return LogSql.bindFirstAndLast(PlanWithValues.of(query), trades)
        .bind("count", trades.size())
        .bind("sum", sum);
  }
}
