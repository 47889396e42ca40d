package io.tradesync.jdbc.internal.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.JdbiException;

/** Limits how long a start waits for locks, and names the session that holds the lock. */
public final class LockWait {

  private static final String GET = "select current_setting(:setting)";

  private static final String SET = "select set_config(:setting, :value, true)";

  // The lock of the migrations first, then the strongest lock on a table of the schema.
  private static final String SELECT_HOLDER =
      """
      select 'session ' || a.pid || ' holds (user ' || coalesce(a.usename, '')
        || ', application ' || coalesce(nullif(a.application_name, ''), 'without a name') || ')'
      from pg_locks as l
      join pg_stat_activity as a on a.pid = l.pid
      where l.granted and l.pid <> pg_backend_pid() and a.datname = current_database()
        and (l.locktype = 'advisory'
            and l.classid::bigint = :key >> 32 and l.objid::bigint = :key & 4294967295
          or l.relation in (
            select c.oid
            from pg_class as c
            join pg_namespace as n on n.oid = c.relnamespace
            where n.nspname = :schema))
      order by l.locktype = 'advisory' desc, l.mode = 'AccessExclusiveLock' desc, a.xact_start
      limit 1""";

  private LockWait() {}

  /**
   * Does work whose statements may take as long as they need, but wait for a lock no longer than a
   * statement of the transaction may take otherwise.
   *
   * @param schema the schema of the tables that the work uses
   * @throws SQLException with the session that holds the lock, if the work waited too long
   */
  public static <R> R limit(Handle handle, String schema, HandleCallback<R, SQLException> work)
      throws SQLException {
    String lockTimeout = get(handle, "lock_timeout");
    String limit = get(handle, "statement_timeout");
    Connection connection = handle.getConnection();
    Savepoint before = connection.setSavepoint();
    try {
      set(handle, "lock_timeout", limit);
      set(handle, "statement_timeout", "0");
      R result = work.withHandle(handle);
      set(handle, "lock_timeout", lockTimeout);
      set(handle, "statement_timeout", limit);
      return result;
    } catch (SQLException | JdbiException e) {
      if (!SqlFailures.state(e).equals(SqlFailures.LOCK_NOT_AVAILABLE)) {
        throw e;
      }
      connection.rollback(before);
      SQLException named =
          new SQLException(
              "waited %s for a lock that %s".formatted(limit, holder(handle, schema)),
              SqlFailures.LOCK_NOT_AVAILABLE);
      named.addSuppressed(e);
      throw named;
    }
  }

  private static String get(Handle handle, String setting) {
    return handle.createQuery(GET).bind("setting", setting).mapTo(String.class).one();
  }

  private static void set(Handle handle, String setting, String value) {
    handle.createUpdate(SET).bind("setting", setting).bind("value", value).execute();
  }

  private static String holder(Handle handle, String schema) {
    return handle
        .createQuery(SELECT_HOLDER)
        .bind("key", Migrations.ADVISORY_LOCK)
        .bind("schema", schema)
        .mapTo(String.class)
        .findOne()
        .orElse("another session held until now");
  }
}
