package io.tradesync.jdbc.internal.log;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.CommitGuard;
import io.tradesync.jdbc.internal.sql.Identifiers;
import io.tradesync.jdbc.internal.sql.KeyRangeSql;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.jdbc.internal.sql.SqlNames;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * Creates the statements of one service's log: fills in the schema and binds {@code :service}. Each
 * is written as {@link SqlNames} describes. Thread-safe.
 */
public final class LogSql {

  /** Ids are locked in the order of their bytes. */
  static final Comparator<TradeKey> BY_ID = Comparator.comparing(key -> new TradeKey(0, key.id()));

  private static final KeyRangeSql KEY = KeyRangeSql.withKeyIndex("trade_timestamp", "trade_id");

  // One search of the primary key an id o.id, whatever a plan expects. An equality of the id alone
  // would cost no less by that key than by the index of times, if the table was empty when the plan
  // was made, and that index has all ids of the service. Only the key gives the order.
  private static final String OF_TRACKED_ID =
      """
      where service = :service and trade_id between o.id and o.id
          order by trade_id
          limit 1\
      """;

  private static final String TRACKED =
      """
      (select trade_timestamp
        from :"schema".sync_tracked_id
        {of_tracked_id}) as tracked\
      """
          .replace("{of_tracked_id}", OF_TRACKED_ID);

  // One search a key, whatever a plan expects. The rows must be locked already.
  private static final String IS_LOCKED_KEY =
      """
      ctid = any (array(
        select r.ctid
        from unnest(cast(:seconds as bigint[]), cast(:ids as text[])) as k (second, id)
        cross join lateral (
          select ctid
          from :"schema".{table}
          where service = :service and trade_timestamp = k.second and trade_id = k.id
          limit 1) as r))\
      """;

  // An entry that counts as failed; see LogEntry.isError. The first condition is that of an index.
  private static final String IS_ERROR =
      "failed_at is not null and status in ('error', 'processed')";

  // Only what is an error; see LogEntry.isRetriable.
  private static final String IS_RETRIABLE =
      "(not parked or (status = 'processed' and unreadable_rows = 0))";

  // Only what is an error; see LogDigest.accepted.
  private static final String IS_ACCEPTED =
      "(accepted_reason is not null and (status = 'error' or unreadable_rows > 0))";

  // As LogDigest.of, less what a processed entry counts for without its failure.
  private static final String FAILED_DIGEST =
      """
      count(*) filter (where status = 'error'),
        coalesce(sum(greatest(unreadable_rows, 1)
          - case status when 'processed' then 1 else 0 end), 0),
        coalesce(sum(case
          when status = 'error' then failed_fingerprint::numeric
          when unreadable_rows > 0 then failed_fingerprint::numeric - fingerprint
          else 0 end), 0),
        count(*) filter (where not {is_accepted}), count(*) filter (where {is_retriable}),
        count(*) filter (where {is_accepted})\
      """
          .replace("{is_retriable}", IS_RETRIABLE)
          .replace("{is_accepted}", IS_ACCEPTED);

  static final String RETAINED_SINCE =
      """
      greatest(r.retained_since,
          (ceil((extract(epoch from now()) - r.period_seconds) / r.step) * r.step)::bigint)\
      """;

  private static final String WITHOUT_FAILURE =
      """
      failed_at = null, failed_fingerprint = null, error_message = null, data_failures = 0,
        parked = false, unreadable_rows = 0, accepted_reason = null\
      """;

  private static final String RUN =
      """
      run_id, kind, outcome, started_at, ended_at, host, processed, errors, total,
        forced_after, through_timestamp, through_id, message, forced_to, forced_chains, forced_pools,
        coalesce(recorded_at, ended_at, started_at)\
      """;

  // As of when the figure is that :figure names; null if it was never recorded.
  private static final String AS_OF =
      """
      (
        select as_of
        from :"schema".sync_figure_time
        where service = :service and figure = :figure)\
      """;

  private static final Map<String, String> FRAGMENTS =
      Map.ofEntries(
          Map.entry("in_range", "service = :service and " + KEY.inRange()),
          Map.entry("in_row", "service = :service and " + KEY.inRow()),
          Map.entry("ranges", KeyRangeSql.RANGES),
          Map.entry(
              "first_to_last",
              """
              service = :service
                and trade_timestamp between :firstSecond and :lastSecond
                and (trade_timestamp, trade_id) >= (:firstSecond, :firstId)
                and (trade_timestamp, trade_id) <= (:lastSecond, :lastId)\
              """),
          Map.entry("keys", "unnest(cast(:seconds as bigint[]), cast(:ids as text[]))"),
          // The seconds alone narrow the index: without them a plan without statistics reads all
          // entries of the service for each batch.
          Map.entry(
              "is_key",
              """
              service = :service
                and trade_timestamp = any (cast(:seconds as bigint[]))
                and (trade_timestamp, trade_id) in (
                  select * from unnest(cast(:seconds as bigint[]), cast(:ids as text[])))\
              """),
          Map.entry("is_locked_key", IS_LOCKED_KEY.replace("{table}", "sync_log")),
          Map.entry("is_hand_out", IS_LOCKED_KEY.replace("{table}", "sync_handed_out")),
          Map.entry("now_micros", "(extract(epoch from now()) * 1000000)::bigint"),
          Map.entry("run", RUN),
          Map.entry("as_of", AS_OF),
          Map.entry("retained_since", RETAINED_SINCE),
          Map.entry("of_tracked_id", OF_TRACKED_ID),
          Map.entry("tracked", TRACKED),
          Map.entry("is_error", IS_ERROR),
          Map.entry("is_retriable", IS_RETRIABLE),
          Map.entry("is_accepted", IS_ACCEPTED),
          Map.entry("failed_digest", FAILED_DIGEST),
          Map.entry("without_failure", WITHOUT_FAILURE),
          Map.entry("hand_out", HandOutRow.COLUMNS),
          Map.entry("entry", EntryRow.COLUMNS),
          Map.entry("failed", PostgresFailedTrades.COLUMNS));

  private final String service;
  private final String revisionSequence;
  private final SqlNames names;
  private final ServiceRow serviceRow = new ServiceRow();
  private final Map<String, String> filled = new ConcurrentHashMap<>();
  private final CommitGuard commitGuard;

  public LogSql(String schema, String service) {
    this.service = service;
    this.revisionSequence = Identifiers.asRegclass(schema, "sync_revision");
    this.names = SqlNames.inSchema(schema, FRAGMENTS);
    this.commitGuard = new CommitGuard(fill(CommitGuard.BEGIN), fill(CommitGuard.END));
  }

  String service() {
    return service;
  }

  ServiceRow serviceRow() {
    return serviceRow;
  }

  /** Returns the name of the sequence of revisions, as {@code nextval} takes it. */
  String revisionSequence() {
    return revisionSequence;
  }

  CommitGuard commitGuard() {
    return commitGuard;
  }

  /** Returns a statement with its names filled in. */
  public String fill(String statement) {
    return filled.computeIfAbsent(statement, names::fill);
  }

  public Query query(Handle handle, String statement) {
    return handle.createQuery(fill(statement)).bind("service", service);
  }

  public Update update(Handle handle, String statement) {
    return handle.createUpdate(fill(statement)).bind("service", service);
  }

  /** Binds {@code :seconds} and {@code :ids}. */
  static <S extends SqlStatement<S>> S bindKeys(S statement, Collection<TradeKey> keys) {
    SqlArrays.bind(statement, "seconds", "bigint", keys, TradeKey::epochSecond);
    return SqlArrays.bind(statement, "ids", "text", keys, TradeKey::id);
  }

  /** Binds the keys of the first and of the last trade, for the range between them. */
  static <S extends SqlStatement<S>> S bindFirstAndLast(S statement, List<Trade> trades) {
    TradeKey first = trades.get(0).key();
    TradeKey last = trades.get(trades.size() - 1).key();
    return statement
        .bind("firstSecond", first.epochSecond())
        .bind("firstId", first.id())
        .bind("lastSecond", last.epochSecond())
        .bind("lastId", last.id());
  }

  /** Returns a constant as the tables hold it. */
  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** Reads a time; null if there is none. */
  static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
