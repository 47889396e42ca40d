package io.tradesync.jdbc.internal.log;

import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Creates the service's row of {@code sync_service}, also anew after somebody deleted it: with the
 * baseline that this process resolved, and with nothing verified. Thread-safe.
 */
final class ServiceRow {

  private static final String CREATE =
      """
      insert into :"schema".sync_service (service, baseline)
      values (:service, :baseline)
      on conflict do nothing\
      """;

  private volatile @Nullable Long baseline;

  /** Returns the baseline that this process resolved; null if it has none. */
  @Nullable Long baseline() {
    return baseline;
  }

  void resolved(long epochSecond) {
    baseline = epochSecond;
  }

  /** Creates the row if it is missing; it is locked until the transaction ends. */
  void create(Handle handle, LogSql sql) {
    sql.update(handle, CREATE).bind("baseline", baseline).execute();
  }
}
