package io.tradesync.jdbc.internal.sink;

import io.tradesync.jdbc.internal.sql.SqlNames;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One period that the hypertable has, such as the age at which its chunks are compressed. The sink
 * records what it set itself. So it changes and removes its own periods only.
 *
 * @param name the setting of the sink
 * @param wanted what the sink's settings say; empty if they say nothing
 * @param statements how the period is read and set
 */
record HypertableSetting(String name, Optional<Duration> wanted, Statements statements) {

  /**
   * The statements of a setting, with {@code :table} and {@code :seconds}.
   *
   * @param select reads the seconds, the job and the text of what is set; no row if nothing is
   * @param set sets the seconds where nothing is set
   * @param remove removes what is set
   */
  record Statements(String select, String set, String remove) {}

  /** What is set in the database; the seconds are null if they are counted in another way. */
  private record Present(@Nullable Long seconds, @Nullable Integer job, String text) {

    static Present of(ResultSet row) throws SQLException {
      return new Present(
          row.getObject(1, Long.class), row.getObject(2, Integer.class), row.getString(3));
    }

    boolean is(Present other) {
      return Objects.equals(seconds, other.seconds) && Objects.equals(job, other.job);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(HypertableSetting.class);

  private static final String SELECT_RECORDED =
      """
      select seconds, job_id, ''
      from :"schema".analytics_setting
      where name = :name\
      """;

  private static final String RECORD =
      """
      insert into :"schema".analytics_setting as s (name, seconds, job_id)
      values (:name, :seconds, :job)
      on conflict (name) do update set seconds = excluded.seconds, job_id = excluded.job_id\
      """;

  private static final String FORGET =
      """
      delete from :"schema".analytics_setting where name = :name\
      """;

  /** Sets, changes or removes the period, or leaves alone what somebody else set. */
  void keepInStep(Handle handle, String schema, String table) {
    SqlNames names = SqlNames.inSchema(schema, Map.of());
    Optional<Present> recorded =
        handle
            .createQuery(names.fill(SELECT_RECORDED))
            .bind("name", name)
            .map((row, context) -> Present.of(row))
            .findOne();
    Optional<Present> present = present(handle, table);
    boolean setBySink = present.isEmpty() || recorded.filter(present.get()::is).isPresent();
    if (wanted.isEmpty()) {
      if (recorded.isPresent()) {
        if (setBySink && present.isPresent()) {
          execute(handle, statements.remove, table);
          LOG.info("{}: {} is no longer set", table, name);
        }
        handle.createUpdate(names.fill(FORGET)).bind("name", name).execute();
      }
    } else if (!setBySink) {
      if (!Objects.equals(present.get().seconds, wanted.get().toSeconds())) {
        LOG.warn(
            "{}: {} of {} is not applied, because somebody else set {}",
            table,
            name,
            wanted.get(),
            present.get().text);
      }
    } else if (present.isEmpty()
        || !Objects.equals(present.get().seconds, wanted.get().toSeconds())) {
      set(handle, names, table, present.isPresent());
    }
  }

  private void set(Handle handle, SqlNames names, String table, boolean replaces) {
    if (replaces) {
      execute(handle, statements.remove, table);
    }
    execute(handle, statements.set, table);
    Optional<Present> now = present(handle, table);
    handle
        .createUpdate(names.fill(RECORD))
        .bind("name", name)
        .bind("seconds", wanted.orElseThrow().toSeconds())
        .bind("job", now.map(Present::job).orElse(null))
        .execute();
    LOG.info("{}: {} is {} now", table, name, wanted.get());
  }

  private Optional<Present> present(Handle handle, String table) {
    return handle
        .createQuery(statements.select)
        .bind("table", table)
        .map((row, context) -> Present.of(row))
        .findFirst();
  }

  private void execute(Handle handle, String statement, String table) {
    var update = handle.createUpdate(statement).bind("table", table);
    if (statement.contains(":seconds")) {
      update.bind("seconds", wanted.orElseThrow().toSeconds());
    }
    update.execute();
  }
}
