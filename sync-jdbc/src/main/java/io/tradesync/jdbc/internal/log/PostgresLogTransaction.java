package io.tradesync.jdbc.internal.log;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.jdbc.internal.sql.BinaryCopy;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.LogTransaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Claims by inserting: what is new is locked and recorded in one go, by copying where all of it
 * seems new. Ids that may move are locked before, in their order; entries that are there already
 * are locked after, in key order.
 */
public final class PostgresLogTransaction implements LogTransaction {

  private record Offered(Trade trade, long fingerprint) {
    TradeKey key() {
      return trade.key();
    }

    boolean isIn(@Nullable LogEntry entry) {
      return entry != null && isProcessed(entry) && entry.fingerprint() == fingerprint;
    }
  }

  private final Handle handle;
  private final LogTables tables;
  private final VerificationBounds bounds;
  private final List<TradeKey> changed = new ArrayList<>();

  public PostgresLogTransaction(Handle handle, LogTables tables, VerificationBounds bounds) {
    this.handle = handle;
    this.tables = tables;
    this.bounds = bounds;
  }

  @Override
  public Object handle() {
    return handle.getConnection();
  }

  /** The keys of the entries changed so far. */
  public List<TradeKey> changed() {
    return changed;
  }

  @Override
  public Claim claim(ClaimRequest request) throws SQLException {
    List<Offered> fresh = new ArrayList<>();
    List<Offered> untrusted = new ArrayList<>();
    for (Trade trade : request.trades()) {
      boolean isFinal = trade.epochSecond() <= bounds.finalThrough();
      (request.mode() == ClaimMode.NEW && isFinal ? untrusted : fresh)
          .add(new Offered(trade, trade.fingerprint()));
    }
    Map<TradeKey, TradeKey> moved = Map.of();
    Map<TradeKey, Optional<TradeKey>> notAdded = Map.of();
    boolean canMove = canMove(request);
    if (canMove || !copy(fresh, request.runId())) {
      watch(fresh);
      moved = canMove ? move(fresh) : moved;
      notAdded = insert(fresh, request.runId());
    }

    Set<TradeKey> there = new TreeSet<>(notAdded.keySet());
    untrusted.forEach(offered -> there.add(offered.key()));
    there.addAll(moved.values());
    there.addAll(request.retractions());
    Map<TradeKey, LogEntry> entries = there.isEmpty() ? Map.of() : lock(there);

    Decision decision = new Decision(request, entries, moved);
    for (Offered offered : fresh) {
      Optional<TradeKey> standsAt = notAdded.get(offered.key());
      if (standsAt == null) {
        decision.added(offered);
      } else if (standsAt.isPresent()) {
        decision.disputed.add(offered.trade);
      } else {
        decision.there(offered);
      }
    }
    Set<TradeKey> elsewhere = elsewhere(untrusted);
    for (Offered offered : untrusted) {
      decision.untrusted(offered, elsewhere.contains(offered.key()));
    }
    request.retractions().forEach(decision::retracted);
    update(decision.updated, request.runId());
    retract(decision.retracted, request.runId());
    forget(request.retractions());
    return decision.claim();
  }

  /** What is to become of each offered trade, now that the entries are locked. */
  private final class Decision {
    private final ClaimRequest request;
    private final Map<TradeKey, LogEntry> entries;
    private final Map<TradeKey, TradeKey> moved;
    private final List<TradeChange> changes = new ArrayList<>();
    private final List<Trade> known = new ArrayList<>();
    private final List<Trade> disputed = new ArrayList<>();
    private final List<Offered> updated = new ArrayList<>();
    private final List<TradeKey> retracted = new ArrayList<>();

    Decision(ClaimRequest request, Map<TradeKey, LogEntry> entries, Map<TradeKey, TradeKey> moved) {
      this.request = request;
      this.entries = entries;
      this.moved = moved;
    }

    /** An entry that this transaction has just made. */
    void added(Offered offered) {
      changed.add(offered.key());
      insertOrMove(offered);
    }

    private void insertOrMove(Offered offered) {
      TradeKey oldKey = moved.get(offered.key());
      boolean takesPlace = oldKey != null && retracted(oldKey, false);
      changes.add(
          takesPlace && oldKey != null
              ? new TradeChange.Replace(oldKey, offered.trade)
              : new TradeChange.Insert(offered.trade));
    }

    /** An entry that was there before. */
    void there(Offered offered) {
      LogEntry entry = entries.get(offered.key());
      boolean held = entry != null && isProcessed(entry);
      if (offered.isIn(entry) && request.mode() != ClaimMode.FORCE) {
        known.add(offered.trade);
      } else if (request.mode() == ClaimMode.NEW
          && entry != null
          && entry.status() != EntryStatus.ERROR) {
        disputed.add(offered.trade);
        return;
      } else if (held && !request.capabilities().contains(SinkCapability.REPLACE)) {
        disputed.add(offered.trade);
        return;
      } else {
        changed.add(offered.key());
        updated.add(offered);
        if (!held) {
          insertOrMove(offered);
          return;
        }
        changes.add(new TradeChange.Replace(offered.key(), offered.trade));
      }
      TradeKey oldKey = moved.get(offered.key());
      if (oldKey != null) {
        boolean ignored = retracted(oldKey, true);
      }
    }

    /** A trade whose content nobody compared, and that is too old to be new. */
    void untrusted(Offered offered, boolean elsewhere) {
      boolean isKnown = offered.isIn(entries.get(offered.key())) && !elsewhere;
      (isKnown ? known : disputed).add(offered.trade);
    }

    void retracted(TradeKey key) {
      boolean ignored = retracted(key, true);
    }

    /** Retracts an entry; tells whether it was processed. */
    private boolean retracted(TradeKey key, boolean tellSink) {
      LogEntry entry = entries.get(key);
      if (entry == null || entry.status() == EntryStatus.RETRACTED) {
        return false;
      }
      changed.add(key);
      retracted.add(key);
      if (tellSink && isProcessed(entry)) {
        changes.add(new TradeChange.Retract(key));
      }
      return isProcessed(entry);
    }

    Claim claim() {
      changes.sort(Comparator.comparing(TradeChange::key));
      known.sort(Comparator.comparing(Trade::key));
      disputed.sort(Comparator.comparing(Trade::key));
      return new Claim(changes, known, disputed);
    }
  }

  private static boolean isProcessed(LogEntry entry) {
    return entry.status() == EntryStatus.PROCESSED;
  }

  private static boolean canMove(ClaimRequest request) {
    return request.mode() == ClaimMode.CONFIRMED
        && request.capabilities().contains(SinkCapability.REPLACE)
        && request.capabilities().contains(SinkCapability.RETRACT);
  }

  private boolean isRemembered(Offered offered) {
    return offered.key().epochSecond() > bounds.rememberedAbove();
  }

  /** The offers whose ids are to be remembered, in the order in which ids are locked. */
  private List<Offered> young(List<Offered> offers) {
    return offers.stream()
        .filter(this::isRemembered)
        .sorted(Comparator.comparing(Offered::key, LogColumns.BY_ID))
        .toList();
  }

  /** Remembers where ids stand that may move, and locks them. Nothing is gone that is offered. */
  private void watch(List<Offered> offers) {
    List<Offered> young = young(offers);
    if (young.isEmpty()) {
      return;
    }
    String sql =
        """
        insert into %s as w (service, trade_id, trade_timestamp)
        select :service, id, second
        from unnest(:seconds, :ids) with ordinality as o (second, id, place)
        order by place
        on conflict (service, trade_id) do update
        set gone_since = case when w.trade_timestamp = excluded.trade_timestamp then null
          else w.gone_since end
        where w.trade_timestamp <> excluded.trade_timestamp or w.gone_since is not null"""
            .formatted(tables.watch());
    LogColumns.keys(handle.createUpdate(sql), young, Offered::key)
        .bind("service", tables.service())
        .execute();
  }

  // Row by row: a plan from when the table was small would read all of it for every batch.
  private String remembered() {
    return """
        (select r.trade_timestamp from %s as r
          where r.service = :service and r.trade_id = o.id limit 1) as w"""
        .formatted(tables.watch());
  }

  /** The keys offered whose ids stand at another one. */
  private Set<TradeKey> elsewhere(List<Offered> offers) {
    if (offers.isEmpty()) {
      return Set.of();
    }
    String sql =
        """
        select o.second, o.id
        from unnest(:seconds, :ids) as o (second, id)
        cross join lateral %s
        where w.trade_timestamp <> o.second"""
            .formatted(remembered());
    return LogColumns.keys(handle.createQuery(sql), offers, Offered::key)
        .bind("service", tables.service())
        .map((row, context) -> new TradeKey(row.getLong(1), row.getString(2)))
        .set();
  }

  /** Moves ids to the keys offered; returns where they stood. */
  private Map<TradeKey, TradeKey> move(List<Offered> offers) {
    String sql =
        """
        with moved as (
          select w.trade_id, w.trade_timestamp as old_second, o.second
          from unnest(:seconds, :ids) as o (second, id)
          join %1$s as w on w.service = :service and w.trade_id = o.id
          where w.trade_timestamp <> o.second
          order by w.trade_id
          for update of w
        ), updated as (
          update %1$s as w set trade_timestamp = m.second, gone_since = null
          from moved as m
          where w.service = :service and w.trade_id = m.trade_id)
        select second, old_second, trade_id from moved"""
            .formatted(tables.watch());
    Map<TradeKey, TradeKey> moved = new HashMap<>();
    LogColumns.keys(handle.createQuery(sql), offers, Offered::key)
        .bind("service", tables.service())
        .map((row, context) -> new Moved(row.getLong(1), row.getLong(2), row.getString(3)))
        .forEach(m -> moved.put(new TradeKey(m.second, m.id), new TradeKey(m.oldSecond, m.id)));
    return moved;
  }

  private record Moved(long second, long oldSecond, String id) {}

  /**
   * Records what is new. Waits for others that are recording the same.
   *
   * @return what is not: each key that is there, or whose id stands at another key, with that
   */
  private Map<TradeKey, Optional<TradeKey>> insert(List<Offered> offers, String runId) {
    if (offers.isEmpty()) {
      return Map.of();
    }
    String sql =
        """
        with offered as (
          select o.second, o.id, o.fingerprint, w.trade_timestamp as stands_at
          from unnest(:seconds, :ids, :fingerprints) with ordinality
            as o (second, id, fingerprint, place)
          left join lateral %2$s on w.trade_timestamp <> o.second
          order by o.place
        ), added as (
          insert into %1$s
            (service, trade_timestamp, trade_id, status, fingerprint, processed_at, run_id)
          select :service, second, id, 'processed', fingerprint, now(), :run
          from offered where stands_at is null
          on conflict do nothing
          returning trade_timestamp, trade_id
        )
        select second, id, stands_at from offered
        where not exists (
          select 1 from added a where a.trade_timestamp = second and a.trade_id = id)"""
            .formatted(tables.log(), remembered());
    Map<TradeKey, Optional<TradeKey>> notAdded = new HashMap<>();
    LogColumns.numbers(
            LogColumns.keys(handle.createQuery(sql), offers, Offered::key),
            "fingerprints",
            offers,
            Offered::fingerprint)
        .bind("service", tables.service())
        .bind("run", runId)
        .map(
            (row, context) -> {
              String id = row.getString(2);
              Long standsAt = row.getObject(3, Long.class);
              return Map.entry(
                  new TradeKey(row.getLong(1), id),
                  Optional.ofNullable(standsAt).map(second -> new TradeKey(second, id)));
            })
        .forEach(entry -> notAdded.put(entry.getKey(), entry.getValue()));
    return notAdded;
  }

  /**
   * Remembers and records what is offered where all of it is new.
   *
   * @return false if nothing was recorded
   */
  private boolean copy(List<Offered> offers, String runId) throws SQLException {
    Connection connection = handle.getConnection();
    if (offers.size() < BinaryCopy.WORTH_IT || !BinaryCopy.isPossible(connection)) {
      return false;
    }
    Optional<Blank> blank = blank(offers);
    if (blank.isEmpty()) {
      return false;
    }
    List<Offered> old = offers.stream().filter(offered -> !isRemembered(offered)).toList();
    if (blank.get().anyRemembered && !elsewhere(old).isEmpty()) {
      return false;
    }
    long nowMicros = blank.get().nowMicros;
    return BinaryCopy.unlessThere(
        connection,
        () -> {
          copyIds(connection, young(offers));
          copyEntries(connection, offers, nowMicros, runId);
        });
  }

  private void copyIds(Connection connection, List<Offered> young) throws SQLException {
    if (!young.isEmpty()) {
      BinaryCopy.copy(
          connection,
          tables.watch() + " (service, trade_id, trade_timestamp)",
          rows -> {
            for (Offered offered : young) {
              rows.row(3)
                  .text(tables.service())
                  .text(offered.key().id())
                  .bigint(offered.key().epochSecond());
            }
          });
    }
  }

  private void copyEntries(
      Connection connection, List<Offered> offers, long nowMicros, String runId)
      throws SQLException {
    BinaryCopy.copy(
        connection,
        tables.log()
            + " (service, trade_timestamp, trade_id, status, fingerprint, processed_at, run_id)",
        rows -> {
          for (Offered offered : offers) {
            rows.row(7)
                .text(tables.service())
                .bigint(offered.key().epochSecond())
                .text(offered.key().id())
                .text("processed")
                .bigint(offered.fingerprint)
                .timestamp(nowMicros)
                .text(runId);
          }
        });
  }

  /**
   * A log without anything in a range.
   *
   * @param nowMicros the transaction's time, in microseconds since 1970-01-01T00:00:00Z
   * @param anyRemembered whether ids are remembered at all
   */
  private record Blank(long nowMicros, boolean anyRemembered) {}

  private Optional<Blank> blank(List<Offered> offers) {
    String sql =
        """
        select (extract(epoch from now()) * 1000000)::bigint,
          (select trade_id from %2$s where service = :service order by trade_id limit 1) is not null
        where (
          select trade_id from %1$s
          where service = :service
            and trade_timestamp between :firstSecond and :lastSecond
            and (trade_timestamp, trade_id) >= (:firstSecond, :firstId)
            and (trade_timestamp, trade_id) <= (:lastSecond, :lastId)
          order by trade_timestamp, trade_id
          limit 1) is null"""
            .formatted(tables.log(), tables.watch());
    TradeKey first = offers.get(0).key();
    TradeKey last = offers.get(offers.size() - 1).key();
    return handle
        .createQuery(sql)
        .bind("service", tables.service())
        .bind("firstSecond", first.epochSecond())
        .bind("firstId", first.id())
        .bind("lastSecond", last.epochSecond())
        .bind("lastId", last.id())
        .map((row, context) -> new Blank(row.getLong(1), row.getBoolean(2)))
        .findOne();
  }

  private Map<TradeKey, LogEntry> lock(Set<TradeKey> keys) {
    String sql =
        """
        select %s
        from %s
        where service = :service
          and (trade_timestamp, trade_id) in (select * from unnest(:seconds, :ids))
        order by trade_timestamp, trade_id
        for update"""
            .formatted(PostgresLogEntries.ENTRY, tables.log());
    Map<TradeKey, LogEntry> entries = new HashMap<>();
    LogColumns.keys(handle.createQuery(sql), keys, key -> key)
        .bind("service", tables.service())
        .map(PostgresLogEntries::entry)
        .forEach(entry -> entries.put(entry.key(), entry));
    return entries;
  }

  private void update(List<Offered> offers, String runId) {
    if (offers.isEmpty()) {
      return;
    }
    String sql =
        """
        update %s
        set status = 'processed', fingerprint = o.fingerprint, processed_at = now(),
          failed_at = null, failed_fingerprint = null, error_message = null, data_failures = 0,
          parked = false, run_id = :run
        from unnest(:seconds, :ids, :fingerprints) as o (second, id, fingerprint)
        where service = :service and trade_timestamp = o.second and trade_id = o.id"""
            .formatted(tables.log());
    LogColumns.numbers(
            LogColumns.keys(handle.createUpdate(sql), offers, Offered::key),
            "fingerprints",
            offers,
            Offered::fingerprint)
        .bind("service", tables.service())
        .bind("run", runId)
        .execute();
  }

  private void retract(Collection<TradeKey> keys, String runId) {
    if (keys.isEmpty()) {
      return;
    }
    String sql =
        """
        update %s
        set status = 'retracted', processed_at = now(), failed_at = null,
          failed_fingerprint = null, error_message = null, data_failures = 0, parked = false,
          run_id = :run
        where service = :service
          and (trade_timestamp, trade_id) in (select * from unnest(:seconds, :ids))"""
            .formatted(tables.log());
    LogColumns.keys(handle.createUpdate(sql), keys, key -> key)
        .bind("service", tables.service())
        .bind("run", runId)
        .execute();
  }

  private void forget(Collection<TradeKey> keys) {
    if (keys.isEmpty()) {
      return;
    }
    String sql =
        """
        delete from %s
        where service = :service
          and (trade_id, trade_timestamp) in (
            select id, second from unnest(:seconds, :ids) as r (second, id))"""
            .formatted(tables.watch());
    LogColumns.keys(handle.createUpdate(sql), keys, key -> key)
        .bind("service", tables.service())
        .execute();
  }
}
