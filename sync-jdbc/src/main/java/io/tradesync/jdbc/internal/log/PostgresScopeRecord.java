package io.tradesync.jdbc.internal.log;

import io.tradesync.InvalidSettingException;
import io.tradesync.TradeSelection;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.ScopeRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Records the scope in the service's row of {@code sync_service}. Thread-safe. */
public final class PostgresScopeRecord implements ScopeRecord {

  private static final String SET_BASELINE =
      """
      insert into :"schema".sync_service as s (service, baseline)
      values (:service, :baseline)
      on conflict (service) do update set baseline = excluded.baseline
      returning baseline\
      """;

  // A service that has entries had a row, and a baseline in it; a later one would leave out trades.
  private static final String KEEP_BASELINE =
      """
      insert into :"schema".sync_service as s (service, baseline)
      select :service, cast(:baseline as bigint)
      where exists (select 1 from :"schema".sync_service where service = :service)
        or not exists (select 1 from :"schema".sync_log where service = :service)
      on conflict (service) do update set baseline = coalesce(s.baseline, excluded.baseline)
      returning baseline\
      """;

  private final StoreDatabase database;
  private final LogSql sql;
  private final boolean keepAsLongAsTrades;
  private final OldEntries oldEntries;
  private final ScopeSelection selection;
  private final AttributeNames attributeNames;

  /**
   * @param keepAsLongAsTrades whether entries below the retention boundary are deleted
   */
  public PostgresScopeRecord(StoreDatabase database, LogSql sql, boolean keepAsLongAsTrades) {
    this.database = database;
    this.sql = sql;
    this.keepAsLongAsTrades = keepAsLongAsTrades;
    this.oldEntries = new OldEntries(database, sql);
    this.selection = new ScopeSelection(database, sql);
    this.attributeNames = new AttributeNames(database, sql);
  }

  @Override
  public Optional<TradeSelection> selection() {
    return selection.recorded();
  }

  @Override
  public void keepAttributeNames(List<String> names) {
    attributeNames.keep(names);
  }

  @Override
  public void keepSelection(TradeSelection wanted) {
    selection.keep(wanted);
  }

  @Override
  public OptionalLong entriesSince() {
    return oldEntries.since();
  }

  @Override
  public boolean deleteOldEntries() {
    return keepAsLongAsTrades && oldEntries.deleteNext();
  }

  @Override
  public void setBaseline(long epochSecond) {
    long ignored = record(SET_BASELINE, epochSecond).orElseThrow();
  }

  @Override
  public long keepBaseline(long epochSecond) {
    return record(KEEP_BASELINE, epochSecond).orElseThrow(() -> lost(epochSecond));
  }

  private InvalidSettingException lost(long epochSecond) {
    return new InvalidSettingException(
        "scope",
        "Scope.last from " + Instant.ofEpochSecond(epochSecond),
        ("must be Scope.since with the baseline of the first start, or Scope.all, since the row of"
                + " %s in sync_service, which kept that baseline, is gone, and sync_log has entries"
                + " of %s")
            .formatted(sql.service(), sql.service()));
  }

  private Optional<Long> record(String statement, long epochSecond) {
    Optional<Long> recorded =
        database.read(
            handle ->
                sql.query(handle, statement)
                    .bind("baseline", epochSecond)
                    .mapTo(Long.class)
                    .findOne());
    recorded.ifPresent(sql.serviceRow()::resolved);
    return recorded;
  }
}
