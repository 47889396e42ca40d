package io.tradesync.inmemory;

import io.tradesync.KeyRange;
import io.tradesync.Verified;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.SubRanges;
import io.tradesync.spi.log.Verification;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** Remembers in memory what was verified. */
record InMemoryVerification(LogState state, InMemoryRunLease lease) implements Verification {

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  @Override
  public Snapshot snapshot() {
    synchronized (state.lock) {
      TreeSet<Long> starts = new TreeSet<>();
      starts.addAll(state.unverified);
      starts.addAll(state.runMarks);
      return new Snapshot(Optional.ofNullable(state.verified), SubRanges.join(starts));
    }
  }

  @Override
  public boolean begin(FencingToken token, long finalThrough) {
    lease.enter(token);
    try {
      return begin(finalThrough);
    } finally {
      lease.leave(token);
    }
  }

  private boolean begin(long finalThrough) {
    synchronized (state.lock) {
      state.finalThrough = Math.max(state.finalThrough, finalThrough);
      state.markThrough = Math.max(state.markThrough, finalThrough);
      Set<Object> before = new HashSet<>(state.open);
      long deadline = System.nanoTime() + PATIENCE_NANOS;
      while (before.stream().anyMatch(state.open::contains)) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        try {
          state.lock.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
      state.comparing = true;
      state.comparedSince = state.clock.instant();
      state.runMarks.addAll(state.unverified);
      state.unverified.clear();
      return true;
    }
  }

  @Override
  public void complete(FencingToken token, Verified verified, List<KeyRange> unverified) {
    lease.enter(token);
    try {
      complete(verified, unverified);
    } finally {
      lease.leave(token);
    }
  }

  private void complete(Verified verified, List<KeyRange> unverified) {
    synchronized (state.lock) {
      if (!state.comparing) {
        return;
      }
      state.comparing = false;
      long through = verified.throughEpochSecond();
      state.verified =
          new Verified(
              verified.fromEpochSecond(),
              through,
              verified.trades(),
              verified.kept(),
              state.comparedSince);
      state.markThrough = through;
      state.runMarks.clear();
      mark(unverified, true);
      state.unverified.removeIf(start -> start > through);
      state
          .trackedIds
          .values()
          .removeIf(
              tracked ->
                  tracked.goneSince() == null
                      && tracked.key().epochSecond() <= through - TRACKED_SECONDS
                      && !isMarked(SubRanges.start(tracked.key().epochSecond())));
    }
  }

  private boolean isMarked(long start) {
    return state.unverified.contains(start) || state.runMarks.contains(start);
  }

  @Override
  public void settle(FencingToken token, List<KeyRange> repaired) {
    lease.enter(token);
    try {
      synchronized (state.lock) {
        repaired.forEach(
            range ->
                state
                    .runMarks
                    .subSet(range.after().epochSecond(), range.upTo().epochSecond())
                    .clear());
      }
    } finally {
      lease.leave(token);
    }
  }

  @Override
  public void markUnverified(List<KeyRange> ranges) {
    synchronized (state.lock) {
      mark(ranges, false);
    }
  }

  private void mark(List<KeyRange> ranges, boolean ofRun) {
    for (KeyRange range : ranges) {
      long last = Math.min(range.upTo().epochSecond() - 1, state.markThrough);
      for (long second = range.after().epochSecond(); second <= last; second += SubRanges.SECONDS) {
        state.mark(second, state.markThrough, ofRun);
      }
    }
  }

  @Override
  public void forget() {
    synchronized (state.lock) {
      state.forgetVerified();
    }
  }
}
