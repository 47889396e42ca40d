package io.tradesync.inmemory;

import io.tradesync.SyncAlreadyRunningException;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.RunLease;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Grants the leases of a log in memory. */
final class InMemoryRunLease implements RunLease {

  private record Grant(FencingToken token, Instant startedAt, Instant expiresAt) {}

  private final Object lock = new Object();
  private final Clock clock;
  private final Map<LeaseKind, Grant> grants = new EnumMap<>(LeaseKind.class);
  private final Map<FencingToken, Integer> openTransactions = new HashMap<>();
  private final Set<FencingToken> cancelRequested = new HashSet<>();
  private long grantsSoFar;

  InMemoryRunLease(Clock clock) {
    this.clock = clock;
  }

  /** Begins a transaction of the lease's holder: a takeover waits for its end. */
  void enter(FencingToken token) {
    synchronized (lock) {
      Grant grant = grants.get(token.lease());
      if (grant == null || !grant.token.equals(token)) {
        throw new LeaseLostException(token);
      }
      openTransactions.merge(token, 1, Integer::sum);
    }
  }

  void leave(FencingToken token) {
    synchronized (lock) {
      openTransactions.computeIfPresent(token, (any, count) -> count - 1);
    }
  }

  @Override
  public FencingToken acquire(LeaseKind kind, String runId, Duration ttl) {
    synchronized (lock) {
      Grant held = grants.get(kind);
      Instant now = clock.instant();
      if (held != null && held.token.runId().equals(runId)) {
        grants.put(kind, new Grant(held.token, held.startedAt, now.plus(ttl)));
        return held.token;
      }
      if (held != null && (now.isBefore(held.expiresAt) || isInUse(held.token))) {
        throw new SyncAlreadyRunningException(held.token.runId(), held.startedAt);
      }
      FencingToken token = new FencingToken(kind, runId, ++grantsSoFar);
      grants.put(kind, new Grant(token, now, now.plus(ttl)));
      return token;
    }
  }

  private boolean isInUse(FencingToken token) {
    return openTransactions.getOrDefault(token, 0) > 0;
  }

  @Override
  public boolean renew(FencingToken token, Duration ttl) {
    synchronized (lock) {
      Grant held = grants.get(token.lease());
      if (held == null || !held.token.equals(token)) {
        return false;
      }
      grants.put(token.lease(), new Grant(token, held.startedAt, clock.instant().plus(ttl)));
      return true;
    }
  }

  @Override
  public boolean requestCancel(String runId) {
    synchronized (lock) {
      Instant now = clock.instant();
      List<FencingToken> held =
          grants.values().stream()
              .filter(grant -> grant.token.runId().equals(runId) && now.isBefore(grant.expiresAt))
              .map(Grant::token)
              .toList();
      return cancelRequested.addAll(held) || !held.isEmpty();
    }
  }

  @Override
  public boolean isCancelRequested(FencingToken token) {
    synchronized (lock) {
      return cancelRequested.contains(token);
    }
  }

  /** Ends every lease. Transactions of their holders that are under way may still commit. */
  void endAll() {
    synchronized (lock) {
      grants.clear();
      cancelRequested.clear();
    }
  }

  @Override
  public void release(FencingToken token) {
    synchronized (lock) {
      Grant held = grants.get(token.lease());
      if (held != null && held.token.equals(token)) {
        grants.remove(token.lease());
      }
      openTransactions.remove(token);
      cancelRequested.remove(token);
    }
  }
}
