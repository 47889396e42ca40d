package io.tradesync.jdbc.internal.log;

import io.tradesync.TradeKey;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.Verification;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * The bounds that a transaction has to keep to. They cannot move until it ends: it holds their row
 * as FOR SHARE.
 *
 * @param finalThrough the second up to which trades are final
 * @param markThrough the second up to which changed sub-ranges have to be marked
 */
public record VerificationBounds(long finalThrough, long markThrough) {

  /**
   * Begins a transaction that changes entries.
   *
   * @param token the lease whose holder's transaction it is until its end, or null; see {@link
   *     PostgresRunLease}
   * @throws LeaseLostException if the lease is no longer held
   */
  public static VerificationBounds hold(
      Handle handle, LogTables tables, @Nullable FencingToken token) {
    String none = String.valueOf(Long.MIN_VALUE);
    String sql =
        "select coalesce(s.final_through, "
            + none
            + "), coalesce(s.mark_through, "
            + none
            + ") from "
            + tables.services()
            + " as s"
            + (token == null
                ? ""
                : " join "
                    + tables.lease()
                    + " as l on l.service = s.service and l.kind = :kind and l.fence = :fence"
                    + " and l.run_id = :run")
            + " where s.service = :service for share of s"
            + (token == null ? "" : " for key share of l");
    Query query = handle.createQuery(sql);
    return (token == null
            ? query.bind("service", tables.service())
            : PostgresRunLease.bind(query, tables, token))
        .map((row, context) -> new VerificationBounds(row.getLong(1), row.getLong(2)))
        .findOne()
        .orElseThrow(
            () ->
                token == null
                    ? new IllegalStateException("the log was not prepared")
                    : new LeaseLostException(token));
  }

  /** The second above which ids are remembered. */
  long rememberedAbove() {
    int seconds = Verification.TRACKED_SECONDS;
    return Math.max(finalThrough, Long.MIN_VALUE + seconds) - seconds;
  }

  /** Marks the sub-ranges of changed entries; the last thing that a transaction does. */
  public void mark(Handle handle, LogTables tables, Collection<TradeKey> changed) {
    Set<Long> starts = new TreeSet<>();
    for (TradeKey key : changed) {
      if (key.epochSecond() <= markThrough) {
        long width = Verification.SUB_RANGE_SECONDS;
        starts.add(Math.floorDiv(key.epochSecond(), width) * width);
      }
    }
    if (starts.isEmpty()) {
      return;
    }
    String sql =
        """
        insert into %s (service, start_second, taken_over)
        select :service, start, false from unnest(:starts) as u (start) order by start
        on conflict do nothing"""
            .formatted(tables.unverified());
    LogColumns.numbers(handle.createUpdate(sql), "starts", starts, start -> start)
        .bind("service", tables.service())
        .execute();
  }
}
