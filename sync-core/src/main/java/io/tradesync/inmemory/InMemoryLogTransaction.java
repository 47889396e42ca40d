package io.tradesync.inmemory;

import static java.util.stream.Collectors.toSet;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.LogState.TrackedId;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.ClaimRules;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.HandOut;
import io.tradesync.spi.log.HandOutRules;
import io.tradesync.spi.log.HandedOut;
import io.tradesync.spi.log.LogEntry;
import io.tradesync.spi.log.LogTransaction;
import io.tradesync.spi.log.StoredEntry;
import io.tradesync.spi.log.Verification;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Stages what it claims until it is committed; other transactions wait for what it has claimed. */
final class InMemoryLogTransaction implements LogTransaction {

  private final LogState state;
  private final InMemoryTransaction handle = new InMemoryTransaction();
  private final Map<TradeKey, StoredEntry> staged = new HashMap<>();
  private final Map<String, TrackedId> stagedIds = new HashMap<>();
  private final Set<String> untracked = new HashSet<>();
  private final Map<TradeKey, HandOut> handedOut = new HashMap<>();
  private final Set<TradeKey> answered = new HashSet<>();
  private final Set<String> retractedIds = new HashSet<>();
  private final Set<String> writtenIds = new HashSet<>();
  private final Set<Object> locked = new HashSet<>();
  private boolean ended;
  private final long finalThrough;
  private final long trackedAbove;
  private final long markThrough;
  private final boolean ofRun;

  /** Begins; called under the lock. */
  InMemoryLogTransaction(LogState state, boolean ofRun) {
    this.state = state;
    this.ofRun = ofRun;
    this.finalThrough = state.finalThrough;
    this.trackedAbove =
        Math.max(finalThrough, Long.MIN_VALUE + Verification.TRACKED_SECONDS)
            - Verification.TRACKED_SECONDS;
    this.markThrough = state.markThrough;
    state.open.add(this);
  }

  /** Makes everything staged visible at once; called under the lock. */
  void commit() {
    if (ended) {
      throw new IllegalStateException("the transaction was aborted");
    }
    handle.commit();
    state.rows.putAll(staged);
    state.trackedIds.keySet().removeAll(untracked);
    state.trackedIds.putAll(stagedIds);
    staged.keySet().forEach(key -> state.mark(key.epochSecond(), markThrough, ofRun));
    state.retractedIds.addAll(retractedIds);
    state.retractedIds.removeAll(writtenIds);
    state.handOuts.keySet().removeAll(answered);
    state.handOuts.putAll(handedOut);
    handedOut.keySet().forEach(key -> state.mark(key.epochSecond(), markThrough, ofRun));
  }

  /** Ends, committed or not; called under the lock. */
  void end() {
    if (ended) {
      return;
    }
    ended = true;
    state.open.remove(this);
    state.claimed.removeAll(locked);
    state.lock.notifyAll();
  }

  @Override
  public void abort() {
    synchronized (state.lock) {
      end();
    }
  }

  @Override
  public Object handle() {
    return handle;
  }

  @Override
  public Claim claim(ClaimRequest request) {
    ClaimRules.Held held = held(request);
    ClaimRules.Decision decision = ClaimRules.decide(request, held);
    decision.processed().forEach(trade -> stageProcessed(trade, request.runId()));
    decision.retracted().forEach(key -> stageRetracted(key, request.runId()));
    decision.settled().forEach(this::stageSettled);
    request.retractions().forEach(this::untrack);
    Set<Trade> disputed = new HashSet<>(decision.claim().disputed());
    request.trades().stream().filter(trade -> !disputed.contains(trade)).forEach(this::track);
    Claim claim = decision.claim();
    if (!request.revisions()) {
      return claim;
    }
    stageIds(claim.changes());
    return claim.withRevisions(state.drawRevisions(claim.changes().size()));
  }

  private void stageIds(List<TradeChange> changes) {
    for (TradeChange change : changes) {
      (change.after().isPresent() ? writtenIds : retractedIds).add(change.key().id());
    }
  }

  /** Locks what a request is about, and returns what the log holds of it. */
  private ClaimRules.Held held(ClaimRequest request) {
    Set<TradeKey> keys = new HashSet<>(request.retractions());
    request.trades().forEach(trade -> keys.add(trade.key()));
    Set<Object> keysAndIds = new HashSet<>(keys);
    keys.forEach(key -> keysAndIds.add(key.id()));
    lock(keysAndIds);
    // Nobody moves an id that is locked, so the entry at its other key can be locked now.
    Map<TradeKey, TradeKey> otherKeys = otherKeys(keys);
    lock(otherKeys.values());

    Map<TradeKey, LogEntry> entries = new HashMap<>();
    Stream.of(keys, otherKeys.values())
        .flatMap(Collection::stream)
        .forEach(key -> row(key).ifPresent(row -> entries.put(key, row.entry())));
    return new ClaimRules.Held(entries, otherKeys, finalThrough);
  }

  @Override
  public HandedOut handOut(ClaimRequest request) {
    ClaimRules.Held log = held(request);
    Set<String> ids = new HashSet<>();
    request.trades().forEach(trade -> ids.add(trade.id()));
    request.retractions().forEach(key -> ids.add(key.id()));
    Collection<HandOut> before = handOuts(ids);
    HandOutRules.Held held = new HandOutRules.Held(withEntries(log, before), before, gone(ids));
    HandOutRules.Decision decision = HandOutRules.decide(request, held);
    HandedOut result = decision.withRevisions(state.drawRevisions(decision.newChanges()));
    Set<Long> revisionsBefore = new HashSet<>();
    before.forEach(handOut -> revisionsBefore.add(handOut.revision()));
    boolean forced = request.mode() == ClaimMode.FORCE;
    for (TradeChange change : result.claim().changes()) {
      if (!revisionsBefore.contains(change.revision())) {
        HandOut.of(change, forced).forEach(handOut -> handedOut.put(handOut.key(), handOut));
      }
      change.after().ifPresent(this::track);
    }
    decision.retracted().forEach(key -> stageRetracted(key, request.runId()));
    decision.retracted().forEach(this::untrack);
    decision.settled().forEach(this::stageSettled);
    return result;
  }

  /** The ids that are recorded as gone and were not claimed since. */
  private Set<String> gone(Set<String> ids) {
    synchronized (state.lock) {
      return ids.stream()
          .filter(
              id -> {
                TrackedId tracked = state.trackedIds.get(id);
                return tracked != null && tracked.goneSince() != null;
              })
          .collect(toSet());
    }
  }

  /** Adds the entries at keys that were handed out. */
  private ClaimRules.Held withEntries(ClaimRules.Held held, Collection<HandOut> handOuts) {
    Map<TradeKey, LogEntry> entries = new HashMap<>(held.entries());
    for (HandOut handOut : handOuts) {
      TradeKey key = handOut.key();
      row(key).ifPresent(row -> entries.put(key, row.entry()));
    }
    return new ClaimRules.Held(entries, held.otherKeys(), held.finalThrough());
  }

  private Collection<HandOut> handOuts(Set<String> ids) {
    synchronized (state.lock) {
      return state.handOuts.values().stream()
          .filter(handOut -> ids.contains(handOut.key().id()))
          .toList();
    }
  }

  @Override
  public List<TradeChange> settle(List<TradeChange> changes, String runId) {
    Set<String> ids = new HashSet<>();
    changes.forEach(change -> ids.add(change.key().id()));
    lock(ids);
    Collection<HandOut> handOuts = handOuts(ids);
    Set<TradeKey> keys = new HashSet<>();
    handOuts.forEach(handOut -> keys.add(handOut.key()));
    changes.forEach(change -> change.before().ifPresent(keys::add));
    lock(keys);
    List<TradeChange> current = HandOutRules.current(changes, handOuts);
    stageIds(current);
    for (TradeChange change : current) {
      if (change.after().isEmpty()) {
        leave(change.key(), runId);
      }
    }
    for (TradeChange change : current) {
      if (change.after().isPresent()) {
        Trade trade = change.after().get();
        keys.stream()
            .filter(key -> key.id().equals(trade.id()) && !key.equals(trade.key()))
            .forEach(key -> leave(key, runId));
        answered.add(trade.key());
        stageProcessed(trade, runId);
        untracked.remove(trade.id());
        track(trade);
      }
    }
    return current;
  }

  private void leave(TradeKey key, String runId) {
    answered.add(key);
    row(key)
        .filter(row -> row.status() != EntryStatus.RETRACTED)
        .ifPresent(row -> stageRetracted(key, runId));
    untrack(key);
  }

  @Override
  public void withdraw(List<TradeChange> changes) {
    Set<String> ids = new HashSet<>();
    Set<Long> revisions = new HashSet<>();
    for (TradeChange change : changes) {
      ids.add(change.key().id());
      revisions.add(change.revision());
    }
    lock(ids);
    for (HandOut handOut : handOuts(ids)) {
      if (revisions.contains(handOut.revision())) {
        answered.add(handOut.key());
      }
    }
    for (TradeChange change : changes) {
      if (change.after().isPresent()
          && trackedKey(change.key().id()).filter(change.key()::equals).isPresent()) {
        change.before().ifPresent(key -> stagedIds.put(key.id(), new TrackedId(key, null)));
      }
    }
  }

  private Map<TradeKey, TradeKey> otherKeys(Set<TradeKey> keys) {
    Map<TradeKey, TradeKey> otherKeys = new HashMap<>();
    for (TradeKey key : keys) {
      trackedKey(key.id())
          .filter(other -> !other.equals(key))
          .ifPresent(other -> otherKeys.put(key, other));
    }
    return otherKeys;
  }

  private Optional<TradeKey> trackedKey(String id) {
    synchronized (state.lock) {
      return Optional.ofNullable(state.trackedIds.get(id)).map(TrackedId::key);
    }
  }

  private Optional<StoredEntry> row(TradeKey key) {
    synchronized (state.lock) {
      return Optional.ofNullable(state.rows.get(key));
    }
  }

  private void stageProcessed(Trade trade, String runId) {
    StoredEntry before = row(trade.key()).orElse(null);
    stage(StoredEntry.processed(before, trade, state.clock.instant(), runId));
  }

  private void stageRetracted(TradeKey key, String runId) {
    stage(row(key).orElseThrow().retracted(state.clock.instant(), runId));
  }

  private void stageSettled(TradeKey key) {
    stage(row(key).orElseThrow().settled(state.clock.instant()));
  }

  private void stage(StoredEntry entry) {
    staged.put(entry.key(), entry);
  }

  private void track(Trade trade) {
    if (trade.epochSecond() > trackedAbove || trackedKey(trade.id()).isPresent()) {
      stagedIds.put(trade.id(), new TrackedId(trade.key(), null));
    }
  }

  private void untrack(TradeKey retracted) {
    if (trackedKey(retracted.id()).filter(retracted::equals).isPresent()) {
      untracked.add(retracted.id());
    }
  }

  // All or none: a transaction that waits for one trade has locked no other.
  private void lock(Collection<?> names) {
    synchronized (state.lock) {
      Set<Object> wanted = new HashSet<>(names);
      wanted.removeAll(locked);
      boolean interrupted = false;
      while (wanted.stream().anyMatch(state.claimed::contains)) {
        try {
          state.lock.wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      state.claimed.addAll(wanted);
      locked.addAll(wanted);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
