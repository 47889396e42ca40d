package io.tradesync.memory;

import io.tradesync.FailedTrade;
import io.tradesync.KeyRange;
import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.SyncRun;
import io.tradesync.Trade;
import io.tradesync.TradeKey;
import io.tradesync.spi.Claim;
import io.tradesync.spi.ClaimMode;
import io.tradesync.spi.EntryStatus;
import io.tradesync.spi.Fence;
import io.tradesync.spi.Fingerprint;
import io.tradesync.spi.LeaseKind;
import io.tradesync.spi.LeaseLostException;
import io.tradesync.spi.LogDigest;
import io.tradesync.spi.LogEntries;
import io.tradesync.spi.LogEntry;
import io.tradesync.spi.LogTransaction;
import io.tradesync.spi.LogWork;
import io.tradesync.spi.RunJournal;
import io.tradesync.spi.RunLease;
import io.tradesync.spi.RunState;
import io.tradesync.spi.SyncLog;
import io.tradesync.spi.TradeChange;
import io.tradesync.spi.TradeFailure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A log in memory with all guarantees of a real one, but for its end with the process: batches are
 * committed whole, two claims of one trade wait for each other, and one run at a time holds the
 * lease. Thread-safe.
 */
public final class InMemorySyncLog implements SyncLog {

  private record Row(
      EntryStatus status,
      long fingerprint,
      int attempts,
      Instant at,
      @Nullable String reason,
      String runId) {}

  private record Grant(Fence fence, Instant startedAt, Instant expiresAt) {}

  private final String service;
  private final Clock clock;
  private final Object lock = new Object();
  private final TreeMap<TradeKey, Row> rows = new TreeMap<>();
  private final Set<TradeKey> claimed = new HashSet<>();
  private final Map<String, SyncRun> runs = new LinkedHashMap<>();
  private final Map<LeaseKind, Grant> grants = new EnumMap<>(LeaseKind.class);
  private final Map<Fence, Integer> fenced = new HashMap<>();
  private long grantsSoFar;
  private @Nullable Long baseline;

  /** Makes an empty log of the service {@code analytics}. */
  public InMemorySyncLog() {
    this("analytics", Clock.systemUTC());
  }

  /**
   * Makes an empty log.
   *
   * @param service the service
   * @param clock the log's clock
   */
  public InMemorySyncLog(String service, Clock clock) {
    this.service = service;
    this.clock = clock;
  }

  @Override
  public String service() {
    return service;
  }

  @Override
  public Class<?> transactionType() {
    return InMemoryTransaction.class;
  }

  @Override
  public void probe() {}

  @Override
  public <R> R transact(@Nullable Fence fence, LogWork<R> work) throws Exception {
    enter(fence);
    Transaction transaction = new Transaction();
    try {
      R result = work.apply(transaction);
      synchronized (lock) {
        transaction.handle.commit();
        rows.putAll(transaction.staged);
      }
      return result;
    } finally {
      synchronized (lock) {
        claimed.removeAll(transaction.locked);
        if (fence != null) {
          fenced.merge(fence, -1, Integer::sum);
        }
        lock.notifyAll();
      }
    }
  }

  private void enter(@Nullable Fence fence) {
    if (fence == null) {
      return;
    }
    synchronized (lock) {
      Grant grant = grants.get(fence.lease());
      if (grant == null || !grant.fence.equals(fence)) {
        throw new LeaseLostException(fence);
      }
      fenced.merge(fence, 1, Integer::sum);
    }
  }

  private final class Transaction implements LogTransaction {

    private final InMemoryTransaction handle = new InMemoryTransaction();
    private final Map<TradeKey, Row> staged = new HashMap<>();
    private final Set<TradeKey> locked = new HashSet<>();

    @Override
    public Claim claim(List<Trade> trades, ClaimMode mode, String runId) {
      take(trades.stream().map(Trade::key).toList());
      List<TradeChange> changes = new ArrayList<>();
      List<Trade> known = new ArrayList<>();
      List<Trade> disputed = new ArrayList<>();
      for (Trade trade : trades) {
        long fingerprint = Fingerprint.of(trade);
        Row row = row(trade.key());
        boolean held = row != null && row.status == EntryStatus.PROCESSED;
        boolean same = held && row != null && row.fingerprint == fingerprint;
        boolean untouched = row == null || row.status == EntryStatus.ERROR;
        if (same && mode != ClaimMode.FORCE) {
          known.add(trade);
        } else if (mode == ClaimMode.NEW && !untouched) {
          disputed.add(trade);
        } else {
          int attempts = row == null ? 0 : row.attempts;
          staged.put(
              trade.key(),
              new Row(EntryStatus.PROCESSED, fingerprint, attempts, clock.instant(), null, runId));
          changes.add(
              held ? new TradeChange.Replace(trade.key(), trade) : new TradeChange.Insert(trade));
        }
      }
      return new Claim(changes, known, disputed);
    }

    @Override
    public List<TradeChange> retract(List<TradeKey> keys, String runId) {
      take(keys);
      List<TradeChange> changes = new ArrayList<>();
      for (TradeKey key : keys) {
        Row row = row(key);
        if (row == null || row.status == EntryStatus.RETRACTED) {
          continue;
        }
        if (row.status == EntryStatus.PROCESSED) {
          changes.add(new TradeChange.Retract(key));
        }
        staged.put(
            key,
            new Row(
                EntryStatus.RETRACTED,
                row.fingerprint,
                row.attempts,
                clock.instant(),
                null,
                runId));
      }
      return changes;
    }

    @Override
    public Object handle() {
      return handle;
    }

    private @Nullable Row row(TradeKey key) {
      Row row = staged.get(key);
      if (row != null) {
        return row;
      }
      synchronized (lock) {
        return rows.get(key);
      }
    }

    // All or none: whoever waits holds nothing that another one could wait for, unless one
    // transaction claims twice.
    private void take(Collection<TradeKey> keys) {
      synchronized (lock) {
        Set<TradeKey> wanted = new HashSet<>(keys);
        wanted.removeAll(locked);
        boolean interrupted = false;
        while (wanted.stream().anyMatch(claimed::contains)) {
          try {
            lock.wait();
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
        claimed.addAll(wanted);
        locked.addAll(wanted);
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  @Override
  public LogEntries entries() {
    return new Entries();
  }

  private final class Entries implements LogEntries {

    @Override
    public List<LogEntry> page(List<KeyRange> ranges, int limit) {
      synchronized (lock) {
        return ranges.stream()
            .flatMap(range -> in(range).entrySet().stream())
            .limit(limit)
            .map(e -> new LogEntry(e.getKey(), e.getValue().status, e.getValue().fingerprint))
            .toList();
      }
    }

    @Override
    public List<LogDigest> digests(KeyRange range, long bucketSeconds) {
      synchronized (lock) {
        Map<Long, LogDigest> buckets = new TreeMap<>();
        in(range)
            .forEach(
                (key, row) -> {
                  long bucket = (key.epochSecond() - range.after().epochSecond()) / bucketSeconds;
                  LogDigest one =
                      switch (row.status) {
                        case PROCESSED -> new LogDigest(bucket, 1, row.fingerprint, 0);
                        case ERROR -> new LogDigest(bucket, 0, 0, 1);
                        case RETRACTED -> new LogDigest(bucket, 0, 0, 0);
                      };
                  buckets.merge(bucket, one, InMemorySyncLog::sum);
                });
        buckets.values().removeIf(digest -> digest.processed() == 0 && digest.errors() == 0);
        return List.copyOf(buckets.values());
      }
    }

    @Override
    public Optional<TradeKey> first(KeyRange range) {
      synchronized (lock) {
        return in(range).entrySet().stream()
            .filter(entry -> entry.getValue().status != EntryStatus.RETRACTED)
            .map(Map.Entry::getKey)
            .findFirst();
      }
    }

    @Override
    public Optional<TradeKey> lastProcessed(KeyRange range) {
      synchronized (lock) {
        return in(range).descendingMap().entrySet().stream()
            .filter(entry -> entry.getValue().status == EntryStatus.PROCESSED)
            .map(Map.Entry::getKey)
            .findFirst();
      }
    }

    @Override
    public void markFailed(List<TradeFailure> failures, String runId) {
      synchronized (lock) {
        for (TradeFailure failure : failures) {
          Row row = rows.get(failure.key());
          boolean held = row != null && row.status == EntryStatus.PROCESSED;
          if (held && row != null && row.fingerprint == failure.fingerprint()) {
            continue;
          }
          rows.put(
              failure.key(),
              new Row(
                  held ? EntryStatus.PROCESSED : EntryStatus.ERROR,
                  held && row != null ? row.fingerprint : failure.fingerprint(),
                  row == null ? 1 : row.attempts + 1,
                  clock.instant(),
                  failure.reason(),
                  runId));
        }
      }
    }

    @Override
    public List<FailedTrade> failed(TradeKey after, int limit) {
      synchronized (lock) {
        return rows.tailMap(after, false).entrySet().stream()
            .filter(entry -> entry.getValue().status == EntryStatus.ERROR)
            .limit(limit)
            .map(
                entry -> {
                  Row row = entry.getValue();
                  String reason = row.reason == null ? "" : row.reason;
                  return new FailedTrade(entry.getKey(), reason, row.attempts, row.at, row.runId);
                })
            .toList();
      }
    }

    @Override
    public Optional<Long> baseline() {
      synchronized (lock) {
        return Optional.ofNullable(baseline);
      }
    }

    @Override
    public long saveBaseline(long epochSecond, boolean keep) {
      synchronized (lock) {
        Long kept = baseline;
        if (kept == null || !keep) {
          kept = epochSecond;
          baseline = kept;
        }
        return kept;
      }
    }

    private NavigableMap<TradeKey, Row> in(KeyRange range) {
      return range.isEmpty()
          ? new TreeMap<>()
          : rows.subMap(range.after(), false, range.upTo(), true);
    }
  }

  private static LogDigest sum(LogDigest a, LogDigest b) {
    return new LogDigest(
        a.bucket(),
        a.processed() + b.processed(),
        a.fingerprints() + b.fingerprints(),
        a.errors() + b.errors());
  }

  @Override
  public RunJournal runs() {
    return new Journal();
  }

  private final class Journal implements RunJournal {

    @Override
    public void begin(
        String runId, RunKind kind, String host, @Nullable Long forcedAfterEpochSecond) {
      synchronized (lock) {
        runs.put(
            runId,
            new SyncRun(
                runId,
                kind,
                RunOutcome.RUNNING,
                clock.instant(),
                null,
                host,
                0,
                0,
                0,
                forcedAfterEpochSecond,
                null,
                null));
      }
    }

    @Override
    public void update(String runId, RunState state) {
      synchronized (lock) {
        runs.computeIfPresent(
            runId,
            (id, run) ->
                new SyncRun(
                    id,
                    run.kind(),
                    state.outcome(),
                    run.startedAt(),
                    state.outcome() == RunOutcome.RUNNING ? null : clock.instant(),
                    run.host(),
                    state.processed(),
                    state.errors(),
                    state.total(),
                    run.forcedAfterEpochSecond(),
                    state.through(),
                    state.message()));
      }
    }

    @Override
    public Optional<SyncRun> find(String runId) {
      synchronized (lock) {
        return Optional.ofNullable(runs.get(runId));
      }
    }

    @Override
    public List<SyncRun> latest(int limit) {
      synchronized (lock) {
        List<SyncRun> latest = new ArrayList<>(runs.values());
        Collections.reverse(latest);
        return List.copyOf(latest.subList(0, Math.min(limit, latest.size())));
      }
    }
  }

  @Override
  public RunLease lease() {
    return new Lease();
  }

  private final class Lease implements RunLease {

    @Override
    public Fence acquire(LeaseKind kind, String runId, Duration ttl) {
      synchronized (lock) {
        Grant held = grants.get(kind);
        Instant now = clock.instant();
        if (held != null && (now.isBefore(held.expiresAt) || isInUse(held.fence))) {
          throw new SyncAlreadyRunningException(held.fence.runId(), held.startedAt);
        }
        Fence fence = new Fence(kind, runId, ++grantsSoFar);
        grants.put(kind, new Grant(fence, now, now.plus(ttl)));
        return fence;
      }
    }

    private boolean isInUse(Fence fence) {
      return fenced.getOrDefault(fence, 0) > 0;
    }

    @Override
    public boolean renew(Fence fence, Duration ttl) {
      synchronized (lock) {
        Grant held = grants.get(fence.lease());
        if (held == null || !held.fence.equals(fence)) {
          return false;
        }
        grants.put(fence.lease(), new Grant(fence, held.startedAt, clock.instant().plus(ttl)));
        return true;
      }
    }

    @Override
    public void release(Fence fence) {
      synchronized (lock) {
        Grant held = grants.get(fence.lease());
        if (held != null && held.fence.equals(fence)) {
          grants.remove(fence.lease());
        }
        fenced.remove(fence);
      }
    }
  }
}
