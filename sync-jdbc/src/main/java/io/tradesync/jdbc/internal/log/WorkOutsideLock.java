package io.tradesync.jdbc.internal.log;

import io.tradesync.jdbc.internal.sql.SqlFailures;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lock of the work outside transactions: a row with a time limit. A session's advisory lock
 * would stay with a connection of a pooler, and a row that is locked needs an open transaction.
 */
public final class WorkOutsideLock {

  private static final Logger LOG = LoggerFactory.getLogger(WorkOutsideLock.class);

  private static final String TAKE =
      """
      insert into :"schema".sync_work_outside as w (service, holder, held_until)
      values (:service, :holder, clock_timestamp())
      on conflict (service) do update
      set holder = excluded.holder
      where w.held_until < clock_timestamp()\
      """;

  // A statement of its own: the one before computes its values before it waits for others.
  private static final String HOLD =
      """
      update :"schema".sync_work_outside
      set held_until = clock_timestamp() + :millis * interval '1 millisecond'
      where service = :service and holder = :holder\
      """;

  private static final String RELEASE =
      """
      delete from :"schema".sync_work_outside
      where service = :service and holder = :holder\
      """;

  private final StoreDatabase database;
  private final LogSql sql;
  private final String holder = UUID.randomUUID().toString();

  /** Makes a lock to be taken once. */
  public WorkOutsideLock(StoreDatabase database, LogSql sql) {
    this.database = database;
    this.sql = sql;
  }

  /** Takes the lock for a time at most; returns false if another holds it. */
  public boolean take(Duration time) throws Exception {
    return database.transact(
        handle ->
            sql.update(handle, TAKE).bind("holder", holder).execute() == 1
                && sql.update(handle, HOLD)
                        .bind("holder", holder)
                        .bind("millis", time.toMillis())
                        .execute()
                    == 1);
  }

  /** Releases the lock, if it is still held. If that fails, the lock ends by itself. */
  public void release() {
    try {
      boolean ignored =
          database.transact(
              handle -> sql.update(handle, RELEASE).bind("holder", holder).execute() == 1);
    } catch (Exception e) {
      LOG.warn("the lock of work outside transactions ends later: {}", SqlFailures.reason(e));
    }
  }
}
