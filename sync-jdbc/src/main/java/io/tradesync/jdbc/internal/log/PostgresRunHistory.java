package io.tradesync.jdbc.internal.log;

import io.tradesync.ForcedTrades;
import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.SyncRun;
import io.tradesync.TradeKey;
import io.tradesync.TradeSelection;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** Records runs in {@code sync_run}. Thread-safe. */
public final class PostgresRunHistory implements RunHistory {

  private static final String BEGIN =
      """
      insert into :"schema".sync_run
        (run_id, service, kind, outcome, started_at, host, forced_after, forced_to, forced_chains,
          forced_pools)
      values (:run, :service, :kind, 'running', clock_timestamp(), :host, :forcedAfter, :forcedTo,
        cast(:forcedChains as bigint[]), cast(:forcedPools as text[]))
      on conflict (run_id) do nothing\
      """;

  private static final String ABORT_OTHERS =
      """
      update :"schema".sync_run
      set outcome = 'aborted', ended_at = clock_timestamp(), message = :message
      where service = :service and outcome = 'running' and run_id <> :run
        and (kind = 'audit') = (:kind = 'audit')\
      """;

  private static final String UPDATE =
      """
      update :"schema".sync_run
      set outcome = :outcome, processed = :processed, errors = :errors, total = :total,
        through_timestamp = :throughSecond, through_id = :throughId, message = :message,
        recorded_at = clock_timestamp(),
        ended_at = case when :outcome = 'running' then null else clock_timestamp() end
      where run_id = :run and service = :service
        and (outcome = 'running' or :outcome <> 'running')\
      """;

  // A recovery that looks every few seconds would fill the table with runs that found nothing.
  private static final String DELETE_OLD_IDLE_RUNS =
      """
      delete from :"schema".sync_run
      where service = :service and kind = 'run' and outcome = 'completed' and total = 0
        and started_at < now() - interval '1 day'\
      """;

  private static final String FIND =
      """
      select {run}
      from :"schema".sync_run
      where run_id = :run and service = :service\
      """;

  private static final String LATEST =
      """
      select {run}
      from :"schema".sync_run
      where service = :service
      order by started_at desc, run_id
      limit :limit\
      """;

  private static final String FOLLOWING =
      """
      select {run}
      from (
        select r.*
        from :"schema".sync_run as before
        join :"schema".sync_run as r
          on r.service = before.service
            and (r.started_at < before.started_at
              or (r.started_at = before.started_at and r.run_id > before.run_id))
        where before.run_id = :run and before.service = :service) as r
      order by started_at desc, run_id
      limit :limit\
      """;

  private static final String ABORTED_FORCE =
      """
      with forces as (
        select * from :"schema".sync_run where service = :service and kind = 'force')
      select {run}
      from forces as f
      where outcome = 'aborted' and not exists (
        select 1 from forces as later
        where later.outcome in ('completed', 'cancelled')
          and later.started_at > f.started_at and later.forced_after <= f.forced_after
          and (later.forced_to is null or later.forced_to >= f.forced_to)
          and (later.forced_chains is null or later.forced_chains @> f.forced_chains)
          and (later.forced_pools is null or later.forced_pools @> f.forced_pools))
      order by coalesce(through_timestamp, forced_after) desc, through_id desc nulls last
      limit 1\
      """;

  private final StoreDatabase database;
  private final LogSql sql;

  public PostgresRunHistory(StoreDatabase database, LogSql sql) {
    this.database = database;
    this.sql = sql;
  }

  @Override
  public void begin(String runId, RunKind kind, String host, @Nullable ForcedTrades forced) {
    database.read(
        handle -> {
          int begun =
              bindForced(sql.update(handle, BEGIN), forced)
                  .bind("run", runId)
                  .bind("kind", LogSql.name(kind))
                  .bind("host", host)
                  .execute();
          if (begun > 0) {
            sql.update(handle, ABORT_OTHERS)
                .bind("run", runId)
                .bind("kind", LogSql.name(kind))
                .bind("message", ABORTED_MESSAGE)
                .execute();
          }
          return Boolean.TRUE;
        });
  }

  private static Update bindForced(Update statement, @Nullable ForcedTrades forced) {
    TradeSelection selection = forced == null ? TradeSelection.ALL : forced.selection();
    Update bound =
        statement
            .bind("forcedAfter", forced == null ? null : (Long) forced.afterEpochSecond())
            .bind("forcedTo", forced == null ? null : forced.toEpochSecond());
    return SelectionColumns.bind(bound, selection, "forcedChains", "forcedPools");
  }

  private static @Nullable ForcedTrades forced(ResultSet row) throws SQLException {
    Long after = row.getObject(10, Long.class);
    return after == null
        ? null
        : new ForcedTrades(
            after, row.getObject(14, Long.class), SelectionColumns.read(row, 15, 16));
  }

  @Override
  public void update(String runId, RunState state) {
    TradeKey through = state.through();
    database.read(
        handle -> {
          sql.update(handle, UPDATE)
              .bind("run", runId)
              .bind("outcome", LogSql.name(state.outcome()))
              .bind("processed", state.processed())
              .bind("errors", state.errors())
              .bind("total", state.total())
              .bind("throughSecond", through == null ? null : (Long) through.epochSecond())
              .bind("throughId", through == null ? null : through.id())
              .bind("message", state.message())
              .execute();
          if (state.outcome() == RunOutcome.COMPLETED && state.total() == 0) {
            sql.update(handle, DELETE_OLD_IDLE_RUNS).execute();
          }
          return Boolean.TRUE;
        });
  }

  @Override
  public Optional<SyncRun> find(String runId) {
    return runs(FIND, query -> query.bind("run", runId)).stream().findFirst();
  }

  @Override
  public List<SyncRun> latest(int limit) {
    return runs(LATEST, query -> query.bind("limit", limit));
  }

  @Override
  public List<SyncRun> following(String runId, int limit) {
    return runs(FOLLOWING, query -> query.bind("run", runId).bind("limit", limit));
  }

  @Override
  public Optional<SyncRun> abortedForce() {
    return runs(ABORTED_FORCE, query -> query).stream().findFirst();
  }

  private List<SyncRun> runs(String statement, UnaryOperator<Query> binding) {
    return database.read(
        handle -> binding.apply(sql.query(handle, statement)).map(PostgresRunHistory::run).list());
  }

  private static SyncRun run(ResultSet row, StatementContext context) throws SQLException {
    String throughId = row.getString(12);
    return new SyncRun(
        row.getString(1),
        RunKind.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
        RunOutcome.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
        row.getObject(4, OffsetDateTime.class).toInstant(),
        LogSql.instant(row, 5),
        row.getString(6),
        row.getLong(7),
        row.getLong(8),
        row.getLong(9),
        forced(row),
        throughId == null ? null : new TradeKey(row.getLong(11), throughId),
        row.getString(13),
        row.getObject(17, OffsetDateTime.class).toInstant());
  }
}
