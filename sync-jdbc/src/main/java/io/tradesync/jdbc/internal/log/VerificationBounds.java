package io.tradesync.jdbc.internal.log;

import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.SubRanges;
import io.tradesync.spi.log.Verification;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * The bounds that a transaction has to keep to. They cannot move until the transaction ends,
 * because it holds their row FOR SHARE.
 *
 * @param finalThrough the second up to which trades are final; {@link Long#MIN_VALUE} if none was
 *     announced
 * @param markThrough the second up to which changed sub-ranges have to be marked; {@link
 *     Long#MIN_VALUE} if there is none
 * @param retainedSince the retention boundary now; empty if there is none
 * @param ofRun whether the transaction is one of the run that holds the lease
 */
public record VerificationBounds(
    long finalThrough, long markThrough, OptionalLong retainedSince, boolean ofRun) {

  private static final String HOLD_BOUNDS =
      """
      select s.final_through, s.mark_through, {retained_since}
      from :"schema".sync_service as s
      left join :"schema".sync_retention as r on r.service = s.service
      where s.service = :service
      for share of s\
      """;

  private static final String HOLD_BOUNDS_AND_LEASE =
      """
      select s.final_through, s.mark_through, {retained_since}
      from :"schema".sync_service as s
      left join :"schema".sync_retention as r on r.service = s.service
      join :"schema".sync_lease as l
        on l.service = s.service and l.kind = :kind and l.fencing_token = :token
          and l.run_id = :run
      where s.service = :service
      for share of s
      for key share of l\
      """;

  private static final String MARK =
      """
      insert into :"schema".sync_unverified (service, start_second, taken_over)
      select :service, start, :ofRun
      from unnest(cast(:starts as bigint[])) as u (start)
      order by start
      on conflict do nothing\
      """;

  /**
   * Holds the bounds for a transaction that changes entries, and its lease if there is one; see
   * {@link PostgresRunLease}. If the row of the bounds is missing, it is created.
   *
   * @param token the lease whose holder does the work; null if it needs none
   * @throws LeaseLostException if the lease is no longer held
   */
  public static VerificationBounds hold(Handle handle, LogSql sql, @Nullable FencingToken token) {
    return find(handle, sql, token).orElseGet(() -> createAndHold(handle, sql, token));
  }

  private static VerificationBounds createAndHold(
      Handle handle, LogSql sql, @Nullable FencingToken token) {
    sql.serviceRow().create(sql.update(handle, ServiceRow.CREATE));
    return find(handle, sql, token)
        .orElseThrow(
            () ->
                token == null
                    ? new IllegalStateException("the row of the service was deleted just now")
                    : new LeaseLostException(token));
  }

  private static Optional<VerificationBounds> find(
      Handle handle, LogSql sql, @Nullable FencingToken token) {
    return read(
        token == null
            ? sql.query(handle, HOLD_BOUNDS)
            : PostgresRunLease.bind(sql.query(handle, HOLD_BOUNDS_AND_LEASE), token),
        token != null);
  }

  private static Optional<VerificationBounds> read(Query query, boolean ofRun) {
    return query
        .map(
            (row, context) ->
                new VerificationBounds(
                    Objects.requireNonNullElse(row.getObject(1, Long.class), Long.MIN_VALUE),
                    Objects.requireNonNullElse(row.getObject(2, Long.class), Long.MIN_VALUE),
                    second(row.getObject(3, Long.class)),
                    ofRun))
        .findOne();
  }

  private static OptionalLong second(@Nullable Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  /** Returns the second above which ids are tracked. */
  long trackedAbove() {
    int seconds = Verification.TRACKED_SECONDS;
    return Math.max(finalThrough, Long.MIN_VALUE + seconds) - seconds;
  }

  /** Marks the sub-ranges of changed entries: the last statement of a transaction. */
  public void mark(Handle handle, LogSql sql, Collection<TradeKey> changed) {
    Set<Long> starts = new TreeSet<>();
    for (TradeKey key : changed) {
      if (key.epochSecond() <= markThrough) {
        starts.add(SubRanges.start(key.epochSecond()));
      }
    }
    if (!starts.isEmpty()) {
      SqlArrays.bind(sql.update(handle, MARK), "starts", "bigint", starts, start -> start)
          .bind("ofRun", ofRun)
          .execute();
    }
  }
}
