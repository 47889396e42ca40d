package io.tradesync.jdbc.internal.log;

import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.ScopeRecord;

/** Records the scope in the service's row of {@code sync_service}. Thread-safe. */
public final class PostgresScopeRecord implements ScopeRecord {

  private static final String SET_BASELINE =
      """
      insert into :"schema".sync_service as s (service, baseline)
      values (:service, :baseline)
      on conflict (service) do update set baseline = excluded.baseline
      returning baseline""";

  private static final String KEEP_BASELINE =
      """
      insert into :"schema".sync_service as s (service, baseline)
      values (:service, :baseline)
      on conflict (service) do update set baseline = coalesce(s.baseline, excluded.baseline)
      returning baseline""";

  private final StoreDatabase database;
  private final LogSql sql;

  public PostgresScopeRecord(StoreDatabase database, LogSql sql) {
    this.database = database;
    this.sql = sql;
  }

  @Override
  public void setBaseline(long epochSecond) {
    long ignored = record(SET_BASELINE, epochSecond);
  }

  @Override
  public long keepBaseline(long epochSecond) {
    return record(KEEP_BASELINE, epochSecond);
  }

  private long record(String statement, long epochSecond) {
    return database.read(
        handle ->
            sql.query(handle, statement).bind("baseline", epochSecond).mapTo(Long.class).one());
  }
}
