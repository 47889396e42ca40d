package io.tradesync.testkit;

import io.tradesync.ForcedTrades;
import io.tradesync.KeyRange;
import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncRun;
import io.tradesync.TradeKey;
import io.tradesync.spi.log.AbstractSyncLog;
import io.tradesync.spi.log.EntryStore;
import io.tradesync.spi.log.EntryTransaction;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunLease;
import io.tradesync.spi.log.RunState;
import io.tradesync.spi.log.StoredEntry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A log as a stranger writes it within a day: entries, lease and run history in maps. */
final class SmallSyncLog extends AbstractSyncLog implements EntryStore {

  private record Grant(FencingToken token, Instant startedAt, Instant expiresAt) {}

  private final Clock clock;
  private final Map<LeaseKind, Grant> grants = new EnumMap<>(LeaseKind.class);
  private final Map<String, SyncRun> runs = new LinkedHashMap<>();
  private TreeMap<TradeKey, StoredEntry> entries = new TreeMap<>();
  private long lastNumber;
  private long lastRevision;

  SmallSyncLog(Clock clock) {
    this.clock = clock;
  }

  @Override
  public String service() {
    return "analytics";
  }

  @Override
  protected EntryStore store() {
    return this;
  }

  @Override
  public Class<?> transactionType() {
    return Transaction.class;
  }

  @Override
  public Instant now() {
    return clock.instant();
  }

  /** One transaction at a time: everything here waits for the monitor of this log. */
  @Override
  public synchronized <R> R inTransaction(@Nullable FencingToken token, Work<R> work)
      throws Exception {
    if (token != null && !holds(token)) {
      throw new LeaseLostException(token);
    }
    TreeMap<TradeKey, StoredEntry> before = new TreeMap<>(entries);
    boolean isCommitted = false;
    Transaction transaction = new Transaction();
    try {
      R result = work.apply(transaction);
      transaction.effects.forEach(Runnable::run);
      isCommitted = true;
      return result;
    } finally {
      entries = isCommitted ? entries : before;
    }
  }

  /** What a sink joins. */
  final class Transaction implements EntryTransaction {
    private final List<Runnable> effects = new ArrayList<>();

    void onCommit(Runnable effect) {
      effects.add(effect);
    }

    @Override
    public List<StoredEntry> lock(SortedSet<String> ids) {
      return findByIds(ids);
    }

    @Override
    public void put(List<StoredEntry> changed) {
      changed.forEach(entry -> entries.put(entry.key(), entry));
    }

    @Override
    public long drawRevisions(int count) {
      lastRevision += count;
      return lastRevision - count + 1;
    }
  }

  @Override
  public synchronized List<StoredEntry> page(List<KeyRange> ranges, int limit) {
    return entries.values().stream()
        .filter(entry -> ranges.stream().anyMatch(range -> range.contains(entry.key())))
        .limit(limit)
        .toList();
  }

  @Override
  public synchronized List<StoredEntry> findByIds(SortedSet<String> ids) {
    return entries.values().stream().filter(entry -> ids.contains(entry.key().id())).toList();
  }

  private boolean holds(FencingToken token) {
    Grant held = grants.get(token.lease());
    return held != null && held.token.equals(token);
  }

  @Override
  public RunLease lease() {
    return new Lease();
  }

  private final class Lease implements RunLease {
    @Override
    public FencingToken acquire(LeaseKind kind, String runId, Duration ttl) {
      synchronized (SmallSyncLog.this) {
        Grant held = grants.get(kind);
        boolean isOwn = held != null && held.token.runId().equals(runId);
        if (held != null && !isOwn && now().isBefore(held.expiresAt)) {
          throw new SyncAlreadyRunningException(held.token.runId(), held.startedAt);
        }
        Grant grant =
            held != null && isOwn
                ? new Grant(held.token, held.startedAt, now().plus(ttl))
                : new Grant(new FencingToken(kind, runId, ++lastNumber), now(), now().plus(ttl));
        grants.put(kind, grant);
        return grant.token;
      }
    }

    @Override
    public boolean renew(FencingToken token, Duration ttl) {
      synchronized (SmallSyncLog.this) {
        Grant held = grants.get(token.lease());
        if (held == null || !held.token.equals(token)) {
          return false;
        }
        grants.put(token.lease(), new Grant(token, held.startedAt, now().plus(ttl)));
        return true;
      }
    }

    @Override
    public void release(FencingToken token) {
      synchronized (SmallSyncLog.this) {
        if (holds(token)) {
          grants.remove(token.lease());
        }
      }
    }
  }

  @Override
  public RunHistory runs() {
    return new Runs();
  }

  private final class Runs implements RunHistory {
    @Override
    public void begin(String runId, RunKind kind, String host, @Nullable ForcedTrades forced) {
      synchronized (SmallSyncLog.this) {
        if (runs.containsKey(runId)) {
          return;
        }
        runs.replaceAll((id, run) -> isLeftBehind(run, kind) ? aborted(run) : run);
        Instant now = now();
        SyncRun run =
            new SyncRun(
                runId, kind, RunOutcome.RUNNING, now, null, host, 0, 0, 0, forced, null, null, now);
        runs.put(runId, run);
      }
    }

    private boolean isLeftBehind(SyncRun run, RunKind begins) {
      return run.outcome() == RunOutcome.RUNNING
          && (run.kind() == RunKind.AUDIT) == (begins == RunKind.AUDIT);
    }

    private SyncRun aborted(SyncRun run) {
      return RunState.aborted(run).recordedIn(run, now());
    }

    @Override
    public void update(String runId, RunState state) {
      synchronized (SmallSyncLog.this) {
        runs.computeIfPresent(runId, (id, run) -> state.recordedIn(run, now()));
      }
    }

    @Override
    public Optional<SyncRun> find(String runId) {
      synchronized (SmallSyncLog.this) {
        return Optional.ofNullable(runs.get(runId));
      }
    }

    @Override
    public List<SyncRun> latest(int limit) {
      synchronized (SmallSyncLog.this) {
        List<SyncRun> latest = new ArrayList<>(runs.values());
        Collections.reverse(latest);
        return List.copyOf(latest.subList(0, Math.min(limit, latest.size())));
      }
    }
  }
}
