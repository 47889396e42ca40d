package io.tradesync.memory;

import io.tradesync.spi.Fence;
import io.tradesync.spi.GoneTrades;
import io.tradesync.spi.LogEntries;
import io.tradesync.spi.LogWork;
import io.tradesync.spi.RunJournal;
import io.tradesync.spi.RunLease;
import io.tradesync.spi.ServiceMemory;
import io.tradesync.spi.SyncLog;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * A log in memory with all guarantees of a real one, but for its end with the process: batches are
 * committed whole, two claims of one trade wait for each other, and one run at a time holds the
 * lease. Thread-safe.
 */
public final class InMemorySyncLog implements SyncLog {

  private final String service;
  private final LogState state;
  private final InMemoryRunJournal journal;
  private final InMemoryRunLease lease;

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
    this.state = new LogState(clock);
    this.journal = new InMemoryRunJournal(clock);
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
  public void probe() {}

  @Override
  public <R> R transact(@Nullable Fence fence, LogWork<R> work) throws Exception {
    if (fence != null) {
      lease.enter(fence);
    }
    InMemoryLogTransaction transaction = begin();
    try {
      R result = work.apply(transaction);
      synchronized (state.lock) {
        transaction.commit();
      }
      return result;
    } finally {
      if (fence != null) {
        lease.leave(fence);
      }
      synchronized (state.lock) {
        transaction.end();
      }
    }
  }

  private InMemoryLogTransaction begin() {
    synchronized (state.lock) {
      return new InMemoryLogTransaction(state);
    }
  }

  @Override
  public LogEntries entries() {
    return new InMemoryLogEntries(state);
  }

  @Override
  public GoneTrades gone() {
    return new InMemoryGoneTrades(state);
  }

  @Override
  public ServiceMemory memory() {
    return new InMemoryServiceMemory(state, lease);
  }

  @Override
  public RunJournal runs() {
    return journal;
  }

  @Override
  public RunLease lease() {
    return lease;
  }
}
