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
import java.util.Map;

/** The leases of a log in memory. */
final class InMemoryRunLease implements RunLease {

  private record Grant(FencingToken fence, Instant startedAt, Instant expiresAt) {}

  private final Object lock = new Object();
  private final Clock clock;
  private final Map<LeaseKind, Grant> grants = new EnumMap<>(LeaseKind.class);
  private final Map<FencingToken, Integer> fenced = new HashMap<>();
  private long grantsSoFar;

  InMemoryRunLease(Clock clock) {
    this.clock = clock;
  }

  /** Makes a transaction one of the lease's holder: a takeover waits for its end. */
  void enter(FencingToken fence) {
    synchronized (lock) {
      Grant grant = grants.get(fence.lease());
      if (grant == null || !grant.fence.equals(fence)) {
        throw new LeaseLostException(fence);
      }
      fenced.merge(fence, 1, Integer::sum);
    }
  }

  void leave(FencingToken fence) {
    synchronized (lock) {
      fenced.computeIfPresent(fence, (f, count) -> count - 1);
    }
  }

  @Override
  public FencingToken acquire(LeaseKind kind, String runId, Duration ttl) {
    synchronized (lock) {
      Grant held = grants.get(kind);
      Instant now = clock.instant();
      if (held != null && held.fence.runId().equals(runId)) {
        grants.put(kind, new Grant(held.fence, held.startedAt, now.plus(ttl)));
        return held.fence;
      }
      if (held != null && (now.isBefore(held.expiresAt) || isInUse(held.fence))) {
        throw new SyncAlreadyRunningException(held.fence.runId(), held.startedAt);
      }
      FencingToken fence = new FencingToken(kind, runId, ++grantsSoFar);
      grants.put(kind, new Grant(fence, now, now.plus(ttl)));
      return fence;
    }
  }

  private boolean isInUse(FencingToken fence) {
    return fenced.getOrDefault(fence, 0) > 0;
  }

  @Override
  public boolean renew(FencingToken fence, Duration ttl) {
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
  public void release(FencingToken fence) {
    synchronized (lock) {
      Grant held = grants.get(fence.lease());
      if (held != null && held.fence.equals(fence)) {
        grants.remove(fence.lease());
      }
      fenced.remove(fence);
    }
  }
}
