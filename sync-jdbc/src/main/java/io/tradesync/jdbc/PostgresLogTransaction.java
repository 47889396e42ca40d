package io.tradesync.jdbc;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.Claim;
import io.tradesync.spi.ClaimMode;
import io.tradesync.spi.EntryStatus;
import io.tradesync.spi.Fingerprint;
import io.tradesync.spi.LogEntry;
import io.tradesync.spi.LogTransaction;
import io.tradesync.spi.TradeChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Claims by inserting: what is new is locked and recorded in one statement. */
final class PostgresLogTransaction implements LogTransaction {

  private record Offer(Trade trade, long fingerprint) {
    TradeKey key() {
      return trade.key();
    }
  }

  private final Handle handle;
  private final LogTables tables;

  PostgresLogTransaction(Handle handle, LogTables tables) {
    this.handle = handle;
    this.tables = tables;
  }

  @Override
  public Object handle() {
    return handle.getConnection();
  }

  @Override
  public Claim claim(List<Trade> trades, ClaimMode mode, String runId) {
    List<Offer> offers =
        trades.stream().map(trade -> new Offer(trade, Fingerprint.of(trade))).toList();
    Set<TradeKey> known = insert(offers, runId);
    if (known.isEmpty()) {
      return new Claim(
          trades.stream().<TradeChange>map(TradeChange.Insert::new).toList(), List.of(), List.of());
    }
    return claimKnown(offers, lock(known), mode, runId);
  }

  /** Records what is new; returns what is not. Waits for others that are recording the same. */
  private Set<TradeKey> insert(List<Offer> offers, String runId) {
    String sql =
        """
        with offered as (
          select * from unnest(:seconds, :ids, :fingerprints) as o (second, id, fingerprint)
        ), added as (
          insert into %s (service, trade_timestamp, trade_id, status, fingerprint, processed_at, run_id)
          select :service, second, id, 'processed', fingerprint, now(), :run from offered
          on conflict do nothing
          returning trade_timestamp, trade_id
        )
        select second, id from offered
        where not exists (
          select 1 from added a where a.trade_timestamp = second and a.trade_id = id)"""
            .formatted(tables.log());
    return new HashSet<>(
        Columns.numbers(
                Columns.keys(handle.createQuery(sql), offers, Offer::key),
                "fingerprints",
                offers,
                Offer::fingerprint)
            .bind("service", tables.service())
            .bind("run", runId)
            .map((row, context) -> new TradeKey(row.getLong(1), row.getString(2)))
            .list());
  }

  private Map<TradeKey, LogEntry> lock(Set<TradeKey> keys) {
    String sql =
        """
        select trade_timestamp, trade_id, status, fingerprint
        from %s
        where service = :service
          and (trade_timestamp, trade_id) in (select * from unnest(:seconds, :ids))
        order by trade_timestamp, trade_id
        for update"""
            .formatted(tables.log());
    Map<TradeKey, LogEntry> entries = new HashMap<>();
    Columns.keys(handle.createQuery(sql), keys, key -> key)
        .bind("service", tables.service())
        .map(PostgresLogEntries::entry)
        .forEach(entry -> entries.put(entry.key(), entry));
    return entries;
  }

  private Claim claimKnown(
      List<Offer> offers, Map<TradeKey, LogEntry> entries, ClaimMode mode, String runId) {
    List<TradeChange> changes = new ArrayList<>();
    List<Trade> known = new ArrayList<>();
    List<Trade> disputed = new ArrayList<>();
    List<Offer> taken = new ArrayList<>();
    for (Offer offer : offers) {
      LogEntry entry = entries.get(offer.key());
      if (entry == null) {
        changes.add(new TradeChange.Insert(offer.trade));
      } else if (isProcessed(entry)
          && entry.fingerprint() == offer.fingerprint
          && mode != ClaimMode.FORCE) {
        known.add(offer.trade);
      } else if (mode == ClaimMode.NEW && entry.status() != EntryStatus.ERROR) {
        disputed.add(offer.trade);
      } else {
        taken.add(offer);
        changes.add(
            isProcessed(entry)
                ? new TradeChange.Replace(offer.key(), offer.trade)
                : new TradeChange.Insert(offer.trade));
      }
    }
    update(taken, runId);
    return new Claim(changes, known, disputed);
  }

  private static boolean isProcessed(LogEntry entry) {
    return entry.status() == EntryStatus.PROCESSED;
  }

  private void update(List<Offer> offers, String runId) {
    if (offers.isEmpty()) {
      return;
    }
    String sql =
        """
        update %s
        set status = 'processed', fingerprint = o.fingerprint, processed_at = now(),
          failed_at = null, error_message = null, run_id = :run
        from unnest(:seconds, :ids, :fingerprints) as o (second, id, fingerprint)
        where service = :service and trade_timestamp = o.second and trade_id = o.id"""
            .formatted(tables.log());
    Columns.numbers(
            Columns.keys(handle.createUpdate(sql), offers, Offer::key),
            "fingerprints",
            offers,
            Offer::fingerprint)
        .bind("service", tables.service())
        .bind("run", runId)
        .execute();
  }

  @Override
  public List<TradeChange> retract(List<TradeKey> keys, String runId) {
    List<LogEntry> entries =
        lock(Set.copyOf(keys)).values().stream()
            .filter(entry -> entry.status() != EntryStatus.RETRACTED)
            .sorted((a, b) -> a.key().compareTo(b.key()))
            .toList();
    if (entries.isEmpty()) {
      return List.of();
    }
    String sql =
        """
        update %s
        set status = 'retracted', processed_at = now(), failed_at = null, error_message = null,
          run_id = :run
        where service = :service
          and (trade_timestamp, trade_id) in (select * from unnest(:seconds, :ids))"""
            .formatted(tables.log());
    Columns.keys(handle.createUpdate(sql), entries, LogEntry::key)
        .bind("service", tables.service())
        .bind("run", runId)
        .execute();
    return entries.stream()
        .filter(PostgresLogTransaction::isProcessed)
        .<TradeChange>map(entry -> new TradeChange.Retract(entry.key()))
        .toList();
  }
}
