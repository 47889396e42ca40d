package io.tradesync.jdbc.internal.log;

import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.SyncRun;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Runs as rows of {@code sync_run}. Thread-safe. */
public final class PostgresRunHistory implements RunHistory {

  private static final String COLUMNS =
      """
      run_id, kind, outcome, started_at, ended_at, host, processed, errors, total, forced_after,
      through_timestamp, through_id, message""";

  private final StoreDatabase database;
  private final LogTables tables;

  public PostgresRunHistory(StoreDatabase database, LogTables tables) {
    this.database = database;
    this.tables = tables;
  }

  @Override
  public void begin(
      String runId, RunKind kind, String host, @Nullable Long forcedAfterEpochSecond) {
    String begin =
        """
        insert into %s (run_id, service, kind, outcome, started_at, host, forced_after)
        values (:run, :service, :kind, 'running', clock_timestamp(), :host, :forcedAfter)
        on conflict (run_id) do nothing"""
            .formatted(tables.run());
    database.read(
        handle -> {
          int begun =
              handle
                  .createUpdate(begin)
                  .bind("run", runId)
                  .bind("service", tables.service())
                  .bind("kind", name(kind))
                  .bind("host", host)
                  .bind("forcedAfter", forcedAfterEpochSecond)
                  .execute();
          return begun == 0 ? 0 : abortOthers(handle, runId, kind);
        });
  }

  private int abortOthers(Handle handle, String runId, RunKind kind) {
    String sql =
        """
        update %s set outcome = 'aborted', ended_at = clock_timestamp(), message = :message
        where service = :service and outcome = 'running' and run_id <> :run
          and (kind = 'audit') = :audit"""
            .formatted(tables.run());
    return handle
        .createUpdate(sql)
        .bind("service", tables.service())
        .bind("run", runId)
        .bind("audit", kind == RunKind.AUDIT)
        .bind("message", ABORTED_MESSAGE)
        .execute();
  }

  @Override
  public void update(String runId, RunState state) {
    String sql =
        """
        update %s
        set outcome = :outcome, processed = :processed, errors = :errors, total = :total,
          through_timestamp = :throughSecond, through_id = :throughId, message = :message,
          ended_at = case when :outcome = 'running' then null else clock_timestamp() end
        where run_id = :run and (outcome = 'running' or :outcome <> 'running')"""
            .formatted(tables.run());
    TradeKey through = state.through();
    database.read(
        handle -> {
          int updated =
              handle
                  .createUpdate(sql)
                  .bind("run", runId)
                  .bind("outcome", name(state.outcome()))
                  .bind("processed", state.processed())
                  .bind("errors", state.errors())
                  .bind("total", state.total())
                  .bind("throughSecond", through == null ? null : (Long) through.epochSecond())
                  .bind("throughId", through == null ? null : through.id())
                  .bind("message", state.message())
                  .execute();
          boolean idle = state.outcome() == RunOutcome.COMPLETED && state.total() == 0;
          return idle ? forgetIdle(handle) : updated;
        });
  }

  // A recovery that looks every few seconds would fill the table with runs that found nothing.
  private int forgetIdle(Handle handle) {
    String sql =
        """
        delete from %s
        where service = :service and kind = 'run' and outcome = 'completed' and total = 0
          and started_at < now() - interval '1 day'"""
            .formatted(tables.run());
    return handle.createUpdate(sql).bind("service", tables.service()).execute();
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Optional<SyncRun> find(String runId) {
    String sql =
        "select %s from %s where run_id = :run and service = :service"
            .formatted(COLUMNS, tables.run());
    return database.read(
        handle ->
            handle
                .createQuery(sql)
                .bind("run", runId)
                .bind("service", tables.service())
                .map(PostgresRunHistory::run)
                .findOne());
  }

  @Override
  public List<SyncRun> latest(int limit) {
    String sql =
        "select %s from %s where service = :service order by started_at desc, run_id limit :limit"
            .formatted(COLUMNS, tables.run());
    return database.read(
        handle ->
            handle
                .createQuery(sql)
                .bind("service", tables.service())
                .bind("limit", limit)
                .map(PostgresRunHistory::run)
                .list());
  }

  @Override
  public Optional<SyncRun> abortedForce() {
    String sql =
        """
        with forces as (select * from %2$s where service = :service and kind = 'force')
        select %1$s from forces as f
        where outcome = 'aborted' and not exists (
          select 1 from forces as later
          where later.outcome in ('completed', 'cancelled')
            and later.started_at > f.started_at and later.forced_after <= f.forced_after)
        order by coalesce(through_timestamp, forced_after) desc, through_id desc nulls last
        limit 1"""
            .formatted(COLUMNS, tables.run());
    return database.read(
        handle ->
            handle
                .createQuery(sql)
                .bind("service", tables.service())
                .map(PostgresRunHistory::run)
                .findOne());
  }

  private static SyncRun run(ResultSet row, StatementContext context) throws SQLException {
    String throughId = row.getString(12);
    return new SyncRun(
        row.getString(1),
        RunKind.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
        RunOutcome.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
        row.getObject(4, OffsetDateTime.class).toInstant(),
        instant(row.getObject(5, OffsetDateTime.class)),
        row.getString(6),
        row.getLong(7),
        row.getLong(8),
        row.getLong(9),
        row.getObject(10, Long.class),
        throughId == null ? null : new TradeKey(row.getLong(11), throughId),
        row.getString(13));
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }
}
