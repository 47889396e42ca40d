package io.tradesync.spi.log;

import static java.util.stream.Collectors.groupingBy;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** Claims in a transaction of an {@link AbstractSyncLog}, which finds ids among all entries. */
record StoredClaims(EntryTransaction transaction, Supplier<Instant> clock)
    implements LogTransaction {

  @Override
  public Claim claim(ClaimRequest request) throws Exception {
    List<TradeKey> keys = new ArrayList<>(request.retractions());
    request.trades().forEach(trade -> keys.add(trade.key()));
    List<StoredEntry> entries = transaction.lock(StoredEntries.ids(keys));
    Map<TradeKey, StoredEntry> before = StoredEntries.byKey(entries);
    ClaimRules.Decision decision = ClaimRules.decide(request, held(keys, entries));
    transaction.put(changed(decision, before, request.runId()));
    Claim claim = decision.claim();
    return request.revisions() && !claim.changes().isEmpty()
        ? claim.withRevisions(transaction.drawRevisions(claim.changes().size()))
        : claim;
  }

  private static ClaimRules.Held held(List<TradeKey> keys, List<StoredEntry> entries) {
    Map<TradeKey, LogEntry> held = new HashMap<>();
    entries.forEach(entry -> held.put(entry.key(), entry.entry()));
    Map<String, List<StoredEntry>> byId =
        entries.stream().collect(groupingBy(entry -> entry.key().id()));
    Map<TradeKey, TradeKey> otherKeys = new HashMap<>();
    for (TradeKey key : keys) {
      otherKey(key, byId.getOrDefault(key.id(), List.of()))
          .ifPresent(other -> otherKeys.put(key, other));
    }
    return new ClaimRules.Held(held, otherKeys, Long.MIN_VALUE);
  }

  /** Returns the other key at which an id is: a processed one rather than a failed one. */
  private static Optional<TradeKey> otherKey(TradeKey key, List<StoredEntry> ofId) {
    return Optional.<TradeKey>empty()
        .or(() -> otherKey(key, ofId, EntryStatus.PROCESSED))
        .or(() -> otherKey(key, ofId, EntryStatus.ERROR));
  }

  private static Optional<TradeKey> otherKey(
      TradeKey key, List<StoredEntry> ofId, EntryStatus status) {
    return ofId.stream()
        .filter(entry -> entry.status() == status && !entry.key().equals(key))
        .map(StoredEntry::key)
        .min(TradeKey::compareTo);
  }

  private List<StoredEntry> changed(
      ClaimRules.Decision decision, Map<TradeKey, StoredEntry> before, String runId) {
    Instant now = clock.get();
    List<StoredEntry> changed = new ArrayList<>();
    for (Trade trade : decision.processed()) {
      changed.add(StoredEntry.processed(before.get(trade.key()), trade, now, runId));
    }
    for (TradeKey key : decision.retracted()) {
      changed.add(Objects.requireNonNull(before.get(key)).retracted(now, runId));
    }
    for (TradeKey key : decision.settled()) {
      changed.add(Objects.requireNonNull(before.get(key)).settled(now));
    }
    return changed;
  }

  @Override
  public Object handle() {
    return transaction.handle();
  }

  @Override
  public void abort() {
    transaction.abort();
  }
}
