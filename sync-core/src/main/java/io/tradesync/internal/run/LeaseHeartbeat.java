package io.tradesync.internal.run;

import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.thread.Threads;
import io.tradesync.internal.work.RunControl;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.RunLease;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds a lease, renews it while its run is under way, and releases it. */
final class LeaseHeartbeat implements RunControl, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LeaseHeartbeat.class);
  private static final int BEATS_PER_TTL = 4;

  private final RunLease lease;
  private final FencingToken token;
  private final Duration ttl;
  private final Runnable cancel;
  private final ScheduledExecutorService timer;
  private volatile boolean lost;

  private LeaseHeartbeat(RunLease lease, FencingToken token, Duration ttl, Runnable cancel) {
    this.lease = lease;
    this.token = token;
    this.ttl = ttl;
    this.cancel = cancel;
    this.timer = Executors.newSingleThreadScheduledExecutor(Threads.daemons("tradesync-heartbeat"));
    long pause = ttl.toMillis() / BEATS_PER_TTL;
    Future<?> unused = timer.scheduleAtFixedRate(this::beat, pause, pause, TimeUnit.MILLISECONDS);
  }

  /**
   * Acquires a lease and begins to renew it.
   *
   * @param cancel called if another process asks the holder to stop; may be called again
   * @throws io.tradesync.SyncAlreadyRunningException if another run holds the lease
   * @throws io.tradesync.SideUnavailableException if the store cannot be asked for the lease
   */
  static LeaseHeartbeat acquire(
      RunLease lease, LeaseKind kind, String runId, Duration ttl, Runnable cancel) {
    return new LeaseHeartbeat(lease, lease.acquire(kind, runId, ttl), ttl, cancel);
  }

  private void beat() {
    try {
      if (!lease.renew(token, ttl)) {
        lost = true;
      } else if (lease.isCancelRequested(token)) {
        cancel.run();
      }
    } catch (Throwable e) {
      // The next beat may still renew the lease in time. If not, the fencing token ensures that
      // nothing is committed without the lease.
      LOG.warn("run {} could not renew its lease: {}", token.runId(), FailureText.reason(e));
    }
  }

  FencingToken token() {
    return token;
  }

  void throwIfLost() {
    if (lost) {
      throw new LeaseLostException(token);
    }
  }

  @Override
  public void requestStop() {
    boolean ignored = lease.requestCancel(token.runId());
  }

  @Override
  public void workerStopped() {
    cancel.run();
  }

  /** Stops renewing the lease, which then ends by itself. */
  void stopBeating() {
    timer.shutdownNow();
  }

  @Override
  public void close() {
    stopBeating();
    try {
      Threads.despiteInterrupt(() -> lease.release(token));
    } catch (RuntimeException e) {
      LOG.warn(
          "run {} could not release its lease, which ends by itself: {}",
          token.runId(),
          FailureText.reason(e));
    }
  }
}
