package io.tradesync.jdbc.internal.log;

import io.tradesync.TradeSelection;
import io.tradesync.jdbc.internal.sql.StoreDatabase;
import io.tradesync.spi.log.ScopeRecord;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the chains and pools in scope in {@code sync_scope}. Thread-safe.
 *
 * <p>A change of them first locks the service's row of {@code sync_service}, then those of its
 * leases, as a batch does: so it waits for the batches under way, and no later one commits under a
 * lease of the scope before.
 */
final class ScopeSelection {

  private static final Logger LOG = LoggerFactory.getLogger(ScopeSelection.class);

  private static final String SELECT =
      """
      select chains, pools
      from :"schema".sync_scope
      where service = :service\
      """;

  private static final String LOCK = SELECT + "\nfor update";

  private static final String INSERT =
      """
      insert into :"schema".sync_scope (service, chains, pools)
      values (:service, cast(:chains as bigint[]), cast(:pools as text[]))
      on conflict do nothing\
      """;

  private static final String UPDATE =
      """
      update :"schema".sync_scope
      set chains = cast(:chains as bigint[]), pools = cast(:pools as text[])
      where service = :service\
      """;

  /** The condition that the log holds anything of the service. */
  static final String HAS_ENTRIES =
      """
      exists (select 1 from :"schema".sync_log where service = :service)
          or exists (select 1 from :"schema".sync_handed_out where service = :service)\
      """;

  private static final String LOCK_LEASES =
      """
      select 1
      from :"schema".sync_lease
      where service = :service
      order by kind
      for update\
      """;

  // The token rises, so that neither a batch nor a renewal of a holder succeeds any more.
  private static final String END_LEASES =
      """
      update :"schema".sync_lease
      set expires_at = clock_timestamp(), fencing_token = fencing_token + 1
      where service = :service\
      """;

  private final StoreDatabase database;
  private final LogSql sql;
  private volatile @Nullable TradeSelection kept;

  ScopeSelection(StoreDatabase database, LogSql sql) {
    this.database = database;
    this.sql = sql;
  }

  Optional<TradeSelection> recorded() {
    return database.read(handle -> find(handle, SELECT));
  }

  private Optional<TradeSelection> find(Handle handle, String statement) {
    return sql.query(handle, statement)
        .map((row, context) -> SelectionColumns.read(row, 1, 2))
        .findOne();
  }

  /** See {@link ScopeRecord#keepSelection}. */
  void keep(TradeSelection wanted) {
    TradeSelection recorded = database.read(handle -> keep(handle, wanted));
    if (!recorded.equals(wanted)) {
      throw ScopeRecord.refused(recorded, wanted);
    }
    kept = wanted;
  }

  /** Returns what is recorded then: what is wanted, or what it lacks a part of. */
  private TradeSelection keep(Handle handle, TradeSelection wanted) {
    TradeSelection before = begin(handle, wanted);
    if (wanted.equals(before)) {
      return wanted;
    }
    boolean hasEntries = hasEntries(handle);
    if (hasEntries && !wanted.containsAll(before)) {
      return before;
    }
    bind(sql.update(handle, UPDATE), wanted).execute();
    if (hasEntries) {
      widened(handle, before, wanted);
    }
    return wanted;
  }

  /**
   * Locks the row, and returns what it holds. Creates it if it is missing: with what this process
   * kept before, if somebody deleted the row, with everything if the log has entries, and else with
   * what is wanted.
   */
  private TradeSelection begin(Handle handle, TradeSelection wanted) {
    Optional<TradeSelection> recorded = find(handle, LOCK);
    if (recorded.isPresent()) {
      return recorded.get();
    }
    TradeSelection first = kept;
    if (first == null) {
      first = hasEntries(handle) ? TradeSelection.ALL : wanted;
    }
    bind(sql.update(handle, INSERT), first).execute();
    return find(handle, LOCK).orElse(first);
  }

  private boolean hasEntries(Handle handle) {
    return sql.query(handle, "select " + HAS_ENTRIES).mapTo(Boolean.class).one();
  }

  private static <S extends SqlStatement<S>> S bind(S statement, TradeSelection selection) {
    return SelectionColumns.bind(statement, selection, "chains", "pools");
  }

  private void widened(Handle handle, TradeSelection before, TradeSelection now) {
    LOG.info(
        "the scope of {} grew from {} to {}: everything is compared again",
        sql.service(),
        before,
        now);
    PostgresVerification.forget(handle, sql);
    sql.query(handle, LOCK_LEASES).mapTo(Integer.class).list();
    sql.update(handle, END_LEASES).execute();
  }
}
