package io.tradesync.jdbc.internal.log;

import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.ScopeRecord;

/** Records the scope in the service's row of {@code sync_service}. Thread-safe. */
public final class PostgresScopeRecord implements ScopeRecord {

  private final StoreDatabase database;
  private final LogTables tables;

  public PostgresScopeRecord(StoreDatabase database, LogTables tables) {
    this.database = database;
    this.tables = tables;
  }

  @Override
  public void setBaseline(long epochSecond) {
    long ignored = record(epochSecond, "excluded.baseline");
  }

  @Override
  public long keepBaseline(long epochSecond) {
    return record(epochSecond, "coalesce(s.baseline, excluded.baseline)");
  }

  private long record(long epochSecond, String baseline) {
    String sql =
        """
        insert into %s as s (service, baseline) values (:service, :baseline)
        on conflict (service) do update set baseline = %s
        returning baseline"""
            .formatted(tables.services(), baseline);
    return database.read(
        handle ->
            handle
                .createQuery(sql)
                .bind("service", tables.service())
                .bind("baseline", epochSecond)
                .mapTo(Long.class)
                .one());
  }
}
