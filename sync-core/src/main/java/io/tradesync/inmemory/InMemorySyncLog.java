package io.tradesync.inmemory;

import io.tradesync.spi.log.FailedTrades;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LogEntries;
import io.tradesync.spi.log.LogWork;
import io.tradesync.spi.log.OrphanTracker;
import io.tradesync.spi.log.OutsideRows;
import io.tradesync.spi.log.OutsideTransaction;
import io.tradesync.spi.log.RunHistory;
import io.tradesync.spi.log.RunLease;
import io.tradesync.spi.log.ScopeRecord;
import io.tradesync.spi.log.SnapshotWork;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.spi.log.Verification;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A log in memory, for tests. It keeps every guarantee of a real log until its process ends: a
 * transaction commits all of its changes or none, two claims of one trade wait for each other, and
 * one run at a time holds the lease. Thread-safe.
 */
public final class InMemorySyncLog implements SyncLog {

  private final String service;
  private final LogState state;
  private final InMemoryRunHistory history;
  private final InMemoryRunLease lease;
  private final AtomicBoolean atWorkOutside = new AtomicBoolean();
  private final InMemoryOutsideRows outsideRows;

  /** Creates an empty log of the service {@code analytics}. */
  public InMemorySyncLog() {
    this("analytics", Clock.systemUTC());
  }

  /**
   * Creates an empty log.
   *
   * @param clock gives the times that the log records
   */
  public InMemorySyncLog(String service, Clock clock) {
    this.service = service;
    this.state = new LogState(clock);
    this.history = new InMemoryRunHistory(clock);
    this.outsideRows = new InMemoryOutsideRows(clock);
    this.lease = new InMemoryRunLease(clock);
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
  public <R> R transact(@Nullable FencingToken token, LogWork<R> work) throws Exception {
    if (token != null) {
      lease.enter(token);
    }
    InMemoryLogTransaction transaction = begin(token != null);
    try {
      R result = work.apply(transaction);
      synchronized (state.lock) {
        transaction.commit();
      }
      return result;
    } finally {
      if (token != null) {
        lease.leave(token);
      }
      synchronized (state.lock) {
        transaction.end();
      }
    }
  }

  private InMemoryLogTransaction begin(boolean ofRun) {
    synchronized (state.lock) {
      return new InMemoryLogTransaction(state, ofRun);
    }
  }

  @Override
  public boolean offersSnapshots() {
    return true;
  }

  @Override
  public <R> R snapshot(SnapshotWork<R> work) throws Exception {
    synchronized (state.lock) {
      return work.apply(new InMemoryLogSnapshot(state));
    }
  }

  @Override
  public boolean offersWorkOutside() {
    return true;
  }

  /** Effects of the {@link InMemoryTransaction} that the work gets happen when it returns. */
  @Override
  public <R> Optional<R> outsideTransaction(OutsideTransaction.Work<R> work) throws Exception {
    if (!atWorkOutside.compareAndSet(false, true)) {
      return Optional.empty();
    }
    try {
      InMemoryTransaction effects = new InMemoryTransaction();
      R result = work.apply(() -> effects);
      synchronized (state.lock) {
        effects.commit();
      }
      return Optional.of(result);
    } finally {
      atWorkOutside.set(false);
    }
  }

  @Override
  public boolean recordsHandOuts() {
    return true;
  }

  @Override
  public LogEntries entries() {
    return new InMemoryLogEntries(state);
  }

  @Override
  public FailedTrades failedTrades() {
    return new InMemoryFailedTrades(state);
  }

  @Override
  public OrphanTracker orphans() {
    return new InMemoryOrphanTracker(state);
  }

  @Override
  public Verification verification() {
    return new InMemoryVerification(state, lease);
  }

  @Override
  public ScopeRecord scope() {
    return new InMemoryScopeRecord(state, lease);
  }

  @Override
  public OutsideRows outsideRows() {
    return outsideRows;
  }

  @Override
  public RunHistory runs() {
    return history;
  }

  @Override
  public RunLease lease() {
    return lease;
  }
}
