package io.tradesync.jdbc.internal.log;

import static java.util.stream.Collectors.toSet;

import io.tradesync.Keyed;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.OpenTransaction;
import io.tradesync.jdbc.internal.sql.SinkConnection;
import io.tradesync.jdbc.internal.sql.SqlArrays;
import io.tradesync.spi.HeldTrade;
import io.tradesync.spi.Retention;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.ClaimRules;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.HandOut;
import io.tradesync.spi.log.HandOutRules;
import io.tradesync.spi.log.HandedOut;
import io.tradesync.spi.log.HeldReader;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.LogTransaction;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Claims by inserting first: one statement locks and records what is new, by COPY if there is much
 * and all of it seems new. Tracked ids are locked before, in their order; entries that exist
 * already are locked after, in key order. Then {@link ClaimRules} decides.
 */
public final class PostgresLogTransaction implements LogTransaction {

  // An update joined to the keys reads the whole log, if PostgreSQL has no statistics of it yet.
  private static final String SET_PROCESSED =
      """
      insert into :"schema".sync_log
        (service, trade_timestamp, trade_id, status, fingerprint, processed_at, run_id)
      select :service, o.second, o.id, 'processed', o.fingerprint, now(), :run
      from unnest(
          cast(:seconds as bigint[]), cast(:ids as text[]), cast(:fingerprints as bigint[]))
        with ordinality as o (second, id, fingerprint, place)
      order by o.place
      on conflict (service, trade_timestamp, trade_id) do update
      set status = 'processed', fingerprint = excluded.fingerprint, processed_at = now(),
        {without_failure}, run_id = excluded.run_id\
      """;

  private static final String UPDATE_SETTLED =
      """
      update :"schema".sync_log
      set {without_failure}
      where {is_locked_key}\
      """;

  private static final String DRAW_REVISIONS = "select nextval(cast(:sequence as regclass))";

  // Drawn after the lock: the order of the revisions is that of the transactions.
  private static final String DRAW_REVISIONS_OF_WRITTEN =
      RetractedIds.WITHOUT_WRITTEN
          + DRAW_REVISIONS
          + " from (select count(*) as count from written) as w where w.count >= 0";

  // As the migration creates the sequence.
  private static final int REVISIONS_DRAWN_AT_ONCE = 1 << 20;

  private static final String RECORD_RETENTION =
      """
      insert into :"schema".sync_retention as r (service, retained_since, period_seconds, step)
      values (:service, cast(:since as bigint), cast(:period as bigint), :step)
      on conflict (service) do update set
        retained_since = greatest(r.retained_since, excluded.retained_since),
        period_seconds = excluded.period_seconds, step = excluded.step
      returning {retained_since}\
      """;

  private final Handle handle;
  private final SinkConnection sinkConnection;
  private final LogSql sql;
  private final VerificationBounds bounds;
  private final TrackedIds ids;
  private final NewEntries newEntries;
  private final ForcedEntries forcedEntries;
  private OptionalLong retainedSince;
  private final HandOuts handOuts;
  private final RetractedIds retractedIds;
  private final List<TradeKey> changed = new ArrayList<>();

  public PostgresLogTransaction(Handle handle, LogSql sql, VerificationBounds bounds) {
    this.handle = handle;
    this.sinkConnection = new SinkConnection(handle.getConnection(), sql.commitGuard());
    this.sql = sql;
    this.bounds = bounds;
    this.retainedSince = bounds.retainedSince();
    this.ids = new TrackedIds(handle, sql, bounds);
    this.newEntries = new NewEntries(handle, sql, ids);
    this.forcedEntries = new ForcedEntries(handle, sql, ids);
    this.handOuts = new HandOuts(handle, sql);
    this.retractedIds = new RetractedIds(handle, sql);
  }

  @Override
  public Object handle() {
    return sinkConnection.proxy();
  }

  @Override
  public void abort() {
    OpenTransaction.abort(handle.getConnection());
  }

  @Override
  public void retain(Retention retention) {
    if (!retention.equals(Retention.FOREVER) || retainedSince.isPresent()) {
      OptionalLong since = retention.since();
      Long recorded =
          sql.query(handle, RECORD_RETENTION)
              .bind("since", since.isPresent() ? since.getAsLong() : null)
              .bind("period", retention.period().map(Duration::toSeconds).orElse(null))
              .bind("step", retention.step())
              .map((row, context) -> row.getObject(1, Long.class))
              .one();
      retainedSince = recorded == null ? OptionalLong.empty() : OptionalLong.of(recorded);
    }
  }

  @Override
  public OptionalLong retainedSince() {
    return retainedSince;
  }

  /** Checks before the commit that the sink left the transaction as it must. */
  public void checkAfterSink() throws SQLException {
    sinkConnection.check();
  }

  /** Returns the keys of the entries changed so far. */
  public List<TradeKey> changed() {
    return changed;
  }

  @Override
  public Claim claim(ClaimRequest request) throws SQLException {
    if (ForcedEntries.canRepeat(request)
        && forcedEntries.setProcessed(request.trades(), request.runId())) {
      return recorded(request, ForcedEntries.decide(request, bounds.finalThrough()));
    }
    List<Trade> insertable = new ArrayList<>();
    List<Trade> tooOld = new ArrayList<>();
    for (Trade trade : request.trades()) {
      boolean canBeNew = ClaimRules.canBeNew(request.mode(), trade, bounds.finalThrough());
      (canBeNew ? insertable : tooOld).add(trade);
    }
    Map<TradeKey, TradeKey> otherKeys = new HashMap<>();
    Set<TradeKey> existing = new HashSet<>(request.retractions());
    boolean canMove = ClaimRules.canMove(request);
    boolean allAdded = !canMove && newEntries.copy(insertable, request.runId());
    if (!allAdded) {
      ids.track(insertable);
    }
    if (canMove) {
      otherKeys.putAll(ids.move(insertable));
      existing.addAll(otherKeys.values());
      allAdded =
          otherKeys.size() == insertable.size()
              && newEntries.copyLocked(insertable, request.runId());
    }
    if (!allAdded) {
      Map<TradeKey, Optional<TradeKey>> notAdded = newEntries.insert(insertable, request.runId());
      existing.addAll(notAdded.keySet());
      notAdded.forEach((key, other) -> other.ifPresent(known -> otherKeys.put(key, known)));
    }
    tooOld.forEach(trade -> existing.add(trade.key()));
    otherKeys.putAll(ids.otherKeys(tooOld));
    if (!request.retractions().isEmpty()) {
      Map<TradeKey, TradeKey> ofRetractions = ids.lockOtherKeys(request.retractions());
      if (request.revisions()) {
        otherKeys.putAll(ofRetractions);
        existing.addAll(ofRetractions.values());
      }
    }

    LockedEntries locked = lock(existing);
    ClaimRules.Decision decision =
        ClaimRules.decide(
            request, new ClaimRules.Held(locked.entries(), otherKeys, bounds.finalThrough()));
    setProcessed(
        decision.processed().stream().filter(trade -> existing.contains(trade.key())).toList(),
        Trade::fingerprint,
        request.runId());
    locked.retract(decision.retracted(), request.runId());
    updateSettled(decision.settled());
    ids.untrack(request.retractions());
    return recorded(request, decision);
  }

  /** Notes what was changed, and returns the claim with its revisions. */
  private Claim recorded(ClaimRequest request, ClaimRules.Decision decision) {
    decision.processed().forEach(trade -> changed.add(trade.key()));
    changed.addAll(decision.retracted());
    changed.addAll(decision.settled());
    Claim claim = decision.claim();
    if (!request.revisions() || claim.changes().isEmpty()) {
      return claim;
    }
    Set<String> written = RetractedIds.written(claim.changes());
    retractedIds.add(claim.changes(), written);
    return claim.withRevisions(drawRevisions(claim.changes().size(), written));
  }

  @Override
  public HandedOut handOut(ClaimRequest request) throws SQLException {
    Set<TradeKey> keys = new TreeSet<>(request.retractions());
    request.trades().forEach(trade -> keys.add(trade.key()));
    Set<String> idsOfKeys = HandOuts.ids(keys);
    Set<String> gone = ids.lock(idsOfKeys);
    ids.track(
        request.trades().stream()
            .filter(trade -> ClaimRules.canBeNew(request.mode(), trade, bounds.finalThrough()))
            .toList());
    Map<TradeKey, TradeKey> otherKeys = ids.lockOtherKeys(List.copyOf(keys));
    handOuts.reserve(keys);
    List<HandOut> before = handOuts.read(idsOfKeys);
    Set<TradeKey> all = new TreeSet<>(keys);
    all.addAll(otherKeys.values());
    before.forEach(handOut -> all.add(handOut.key()));
    LockedEntries locked = lock(all);
    ClaimRules.Held held = new ClaimRules.Held(locked.entries(), otherKeys, bounds.finalThrough());
    HandOutRules.Decision decision =
        HandOutRules.decide(request, new HandOutRules.Held(held, before, gone));
    HandedOut result =
        decision.withRevisions(
            decision.newChanges() == 0 ? 0 : drawRevisions(decision.newChanges(), Set.of()));
    Set<TradeKey> added = record(result, before, request.mode() == ClaimMode.FORCE);
    Set<String> back = RetractedIds.written(result.claim().changes());
    back.retainAll(gone);
    ids.recordBack(back);
    moveIds(result.claim().changes().stream().flatMap(c -> c.after().stream()).toList());
    Set<TradeKey> unused = new TreeSet<>(keys);
    unused.removeAll(added);
    handOuts.deleteReserved(unused);
    locked.retract(decision.retracted(), request.runId());
    ids.untrack(decision.retracted());
    updateSettled(decision.settled());
    changed.addAll(decision.retracted());
    changed.addAll(decision.settled());
    return result;
  }

  private void moveIds(List<Trade> written) {
    if (!written.isEmpty()) {
      Map<TradeKey, TradeKey> ignored = ids.move(written);
    }
  }

  /** Records the changes that are new; returns their keys. */
  private Set<TradeKey> record(HandedOut result, List<HandOut> before, boolean forced) {
    Set<Long> repeated = before.stream().map(HandOut::revision).collect(toSet());
    Map<TradeKey, HandOut> added = new TreeMap<>();
    for (TradeChange change : result.claim().changes()) {
      if (!repeated.contains(change.revision())) {
        HandOut.of(change, forced).forEach(handOut -> added.put(handOut.key(), handOut));
      }
    }
    if (!added.isEmpty()) {
      handOuts.record(List.copyOf(added.values()));
      changed.addAll(added.keySet());
    }
    return added.keySet();
  }

  @Override
  public List<TradeChange> settle(List<TradeChange> changes, String runId) throws SQLException {
    Set<String> idsOfChanges = HandOuts.ids(changes.stream().map(TradeChange::key).toList());
    Set<String> ignored = ids.lock(idsOfChanges);
    List<HandOut> now = handOuts.lock(idsOfChanges);
    List<TradeChange> current = HandOutRules.current(changes, now);
    List<Trade> written = new ArrayList<>();
    Set<String> writtenIds = new HashSet<>();
    Set<TradeKey> left = new TreeSet<>();
    for (TradeChange change : current) {
      change.before().ifPresent(left::add);
      change.after().ifPresent(written::add);
      change.after().ifPresent(trade -> writtenIds.add(trade.id()));
    }
    now.stream().map(HandOut::key).filter(key -> writtenIds.contains(key.id())).forEach(left::add);
    written.forEach(trade -> left.remove(trade.key()));
    Set<TradeKey> all = new TreeSet<>(left);
    written.forEach(trade -> all.add(trade.key()));
    LockedEntries locked = lock(all);
    ids.track(written);
    moveIds(written);
    ids.untrack(left);
    setProcessed(written, Trade::fingerprint, runId);
    Set<TradeKey> retracted = new TreeSet<>(left);
    retracted.removeIf(
        key -> {
          LogEntry entry = locked.entries().get(key);
          return entry == null || entry.status() == EntryStatus.RETRACTED;
        });
    locked.retract(retracted, runId);
    retractedIds.add(current, writtenIds);
    handOuts.answer(all, writtenIds);
    changed.addAll(all);
    return current;
  }

  @Override
  public void withdraw(List<TradeChange> changes) {
    Set<String> idsOfChanges = HandOuts.ids(changes.stream().map(TradeChange::key).toList());
    Set<String> ignored = ids.lock(idsOfChanges);
    List<HandOut> locked = handOuts.lock(idsOfChanges);
    if (!locked.isEmpty()) {
      handOuts.withdraw(changes);
    }
    ids.moveBack(changes);
  }

  @Override
  public void adopt(SortedSet<TradeKey> keys, HeldReader held, String runId) throws Exception {
    AdoptedEntries entries = new AdoptedEntries(handle, sql);
    entries.reserve(keys, runId);
    LockedEntries before = lock(keys);
    List<HeldTrade> rows = held.read();
    setProcessed(rows, AdoptedEntries::content, runId);
    Set<TradeKey> gone = new TreeSet<>(keys);
    rows.forEach(row -> gone.remove(row.key()));
    gone.removeIf(
        key -> {
          LogEntry entry = before.entries().get(key);
          return entry == null || entry.status() != EntryStatus.PROCESSED;
        });
    before.retract(gone, runId);
    changed.addAll(keys);
  }

  @Override
  public void storeRepaired(long fromEpochSecond) {
    new AdoptedEntries(handle, sql).repaired(fromEpochSecond);
  }

  private long drawRevisions(int count, Set<String> written) {
    if (count > REVISIONS_DRAWN_AT_ONCE) {
      throw new IllegalArgumentException(
          "a claim may make at most " + REVISIONS_DRAWN_AT_ONCE + " changes, but makes " + count);
    }
    Query query =
        written.isEmpty()
            ? handle.createQuery(DRAW_REVISIONS)
            : RetractedIds.bindWritten(sql.query(handle, DRAW_REVISIONS_OF_WRITTEN), written);
    return query.bind("sequence", sql.revisionSequence()).mapTo(Long.class).one();
  }

  private LockedEntries lock(Collection<TradeKey> keys) {
    return LockedEntries.lock(handle, sql, keys);
  }

  private <T extends Keyed> void setProcessed(
      List<T> trades, Function<T, Long> content, String runId) {
    if (!trades.isEmpty()) {
      var update =
          LogSql.bindKeys(
              sql.update(handle, SET_PROCESSED), trades.stream().map(Keyed::key).toList());
      SqlArrays.bind(update, "fingerprints", "bigint", trades, content)
          .bind("run", runId)
          .execute();
    }
  }

  private void updateSettled(Collection<TradeKey> keys) {
    if (!keys.isEmpty()) {
      LogSql.bindKeys(sql.update(handle, UPDATE_SETTLED), keys).execute();
    }
  }
}
