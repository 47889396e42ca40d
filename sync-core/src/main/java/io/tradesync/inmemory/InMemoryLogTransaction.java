package io.tradesync.inmemory;

import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.inmemory.LogState.Row;
import io.tradesync.inmemory.LogState.Watched;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.log.Claim;
import io.tradesync.spi.log.ClaimMode;
import io.tradesync.spi.log.ClaimRequest;
import io.tradesync.spi.log.EntryStatus;
import io.tradesync.spi.log.LogTransaction;
import io.tradesync.spi.log.Verification;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Stages what it claims until it is committed; what it has claimed, others wait for. */
final class InMemoryLogTransaction implements LogTransaction {

  private final LogState state;
  private final InMemoryTransaction handle = new InMemoryTransaction();
  private final Map<TradeKey, Row> staged = new HashMap<>();
  private final Map<String, Watched> stagedIds = new HashMap<>();
  private final Set<Object> locked = new HashSet<>();
  private final long finalThrough;
  private final long rememberedAbove;
  private final long markThrough;

  /** Begins; called under the lock. */
  InMemoryLogTransaction(LogState state) {
    this.state = state;
    this.finalThrough = state.finalThrough;
    this.rememberedAbove =
        Math.max(finalThrough, Long.MIN_VALUE + Verification.REMEMBERED_SECONDS)
            - Verification.REMEMBERED_SECONDS;
    this.markThrough = state.markThrough;
    state.open.add(this);
  }

  /** Makes everything staged visible at once; called under the lock. */
  void commit() {
    handle.commit();
    state.rows.putAll(staged);
    stagedIds.forEach(
        (id, watched) -> {
          if (watched.epochSecond() == Long.MIN_VALUE) {
            state.watched.remove(id);
          } else {
            state.watched.put(id, watched);
          }
        });
    staged.keySet().forEach(key -> state.mark(key.epochSecond(), markThrough));
  }

  /** Ends, committed or not; called under the lock. */
  void end() {
    state.open.remove(this);
    state.claimed.removeAll(locked);
    state.lock.notifyAll();
  }

  @Override
  public Object handle() {
    return handle;
  }

  @Override
  public Claim claim(ClaimRequest request) {
    lock(request);
    List<TradeChange> changes = new ArrayList<>();
    List<Trade> known = new ArrayList<>();
    List<Trade> disputed = new ArrayList<>();
    for (Trade trade : request.trades()) {
      claim(trade, request, changes, known, disputed);
    }
    for (TradeKey key : request.retractions()) {
      retract(key, request.runId(), changes);
    }
    changes.sort(Comparator.comparing(TradeChange::key));
    return new Claim(changes, known, disputed);
  }

  private void claim(
      Trade trade,
      ClaimRequest request,
      List<TradeChange> changes,
      List<Trade> known,
      List<Trade> disputed) {
    TradeKey key = trade.key();
    long fingerprint = trade.fingerprint();
    Row row = row(key);
    boolean held = row != null && row.status() == EntryStatus.PROCESSED;
    TradeKey oldKey = oldKey(trade);
    boolean leavesOldKey = oldKey != null && isProcessed(oldKey);
    boolean same = held && row != null && row.fingerprint() == fingerprint;
    if (same && oldKey == null && request.mode() != ClaimMode.FORCE) {
      watch(trade);
      known.add(trade);
    } else if ((oldKey != null && !canMove(request))
        || (request.mode() == ClaimMode.NEW && !isNew(row, key))
        || (held
            && (!same || request.mode() == ClaimMode.FORCE)
            && !request.capabilities().contains(SinkCapability.REPLACE))) {
      disputed.add(trade);
    } else {
      watch(trade);
      if (same && request.mode() != ClaimMode.FORCE) {
        known.add(trade);
      } else {
        int attempts = row == null ? 0 : row.attempts();
        staged.put(
            key,
            new Row(
                EntryStatus.PROCESSED,
                fingerprint,
                attempts,
                0,
                false,
                0,
                state.clock.instant(),
                null,
                request.runId()));
        if (held) {
          changes.add(new TradeChange.Replace(key, trade));
        } else if (leavesOldKey && oldKey != null) {
          changes.add(new TradeChange.Replace(oldKey, trade));
        } else {
          changes.add(new TradeChange.Insert(trade));
        }
      }
      if (oldKey != null) {
        if (held && leavesOldKey) {
          changes.add(new TradeChange.Retract(oldKey));
        }
        stageRetracted(oldKey, request.runId());
      }
    }
  }

  private static boolean canMove(ClaimRequest request) {
    return request.mode() == ClaimMode.CONFIRMED
        && request.capabilities().contains(SinkCapability.REPLACE)
        && request.capabilities().contains(SinkCapability.RETRACT);
  }

  private boolean isNew(@Nullable Row row, TradeKey key) {
    return key.epochSecond() > finalThrough && (row == null || row.status() == EntryStatus.ERROR);
  }

  private boolean isProcessed(TradeKey key) {
    Row row = row(key);
    return row != null && row.status() == EntryStatus.PROCESSED;
  }

  /** Where the trade's id stands, if it is at another key. */
  private @Nullable TradeKey oldKey(Trade trade) {
    Watched watched = watched(trade.id());
    return watched == null || watched.epochSecond() == trade.epochSecond()
        ? null
        : new TradeKey(watched.epochSecond(), trade.id());
  }

  private @Nullable Watched watched(String id) {
    synchronized (state.lock) {
      return state.watched.get(id);
    }
  }

  private void watch(Trade trade) {
    if (trade.epochSecond() > rememberedAbove || watched(trade.id()) != null) {
      stagedIds.put(trade.id(), new Watched(trade.epochSecond(), null));
    }
  }

  private void retract(TradeKey key, String runId, List<TradeChange> changes) {
    if (isProcessed(key)) {
      changes.add(new TradeChange.Retract(key));
    }
    stageRetracted(key, runId);
    Watched watched = watched(key.id());
    if (watched != null && watched.epochSecond() == key.epochSecond()) {
      stagedIds.putIfAbsent(key.id(), new Watched(Long.MIN_VALUE, null));
    }
  }

  private void stageRetracted(TradeKey key, String runId) {
    Row row = row(key);
    if (row != null && row.status() != EntryStatus.RETRACTED) {
      staged.put(
          key,
          new Row(
              EntryStatus.RETRACTED,
              row.fingerprint(),
              row.attempts(),
              0,
              false,
              0,
              state.clock.instant(),
              null,
              runId));
    }
  }

  private @Nullable Row row(TradeKey key) {
    Row row = staged.get(key);
    if (row != null) {
      return row;
    }
    synchronized (state.lock) {
      return state.rows.get(key);
    }
  }

  private void lock(ClaimRequest request) {
    Set<Object> wanted = new HashSet<>(request.retractions());
    request.trades().forEach(trade -> wanted.add(trade.key()));
    request.trades().forEach(trade -> wanted.add(trade.id()));
    request.retractions().forEach(key -> wanted.add(key.id()));
    take(wanted);
    // An id that is locked stands still, so its old key can be locked, too.
    Set<Object> oldKeys = new HashSet<>();
    for (Trade trade : request.trades()) {
      TradeKey oldKey = oldKey(trade);
      if (oldKey != null) {
        oldKeys.add(oldKey);
      }
    }
    take(oldKeys);
  }

  // All or none: whoever waits for a trade holds no other one's.
  private void take(Collection<Object> names) {
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
