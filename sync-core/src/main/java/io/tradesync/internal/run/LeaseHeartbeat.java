package io.tradesync.internal.run;

import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.thread.Threads;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseLostException;
import io.tradesync.spi.log.RunLease;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a lease while its run lasts, and gives it back. */
final class LeaseHeartbeat implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LeaseHeartbeat.class);
  private static final int BEATS_PER_TTL = 4;

  private final RunLease lease;
  private final FencingToken fence;
  private final Duration ttl;
  private final ScheduledExecutorService timer;
  private volatile boolean lost;

  LeaseHeartbeat(RunLease lease, FencingToken fence, Duration ttl) {
    this.lease = lease;
    this.fence = fence;
    this.ttl = ttl;
    this.timer = Executors.newSingleThreadScheduledExecutor(Threads.daemons("tradesync-heartbeat"));
    long pause = ttl.toMillis() / BEATS_PER_TTL;
    Future<?> unused = timer.scheduleAtFixedRate(this::beat, pause, pause, TimeUnit.MILLISECONDS);
  }

  private void beat() {
    try {
      if (!lease.renew(fence, ttl)) {
        lost = true;
      }
    } catch (Throwable e) {
      // The lease may still be renewed in time by the next beat; if not, the fence sees to it that
      // nothing is committed without it.
      LOG.warn("run {} could not renew its lease: {}", fence.runId(), FailureText.reason(e));
    }
  }

  /** Throws if the lease was taken over. */
  void check() {
    if (lost) {
      throw new LeaseLostException(fence);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    try {
      lease.release(fence);
    } catch (RuntimeException e) {
      LOG.warn(
          "run {} could not give its lease back, which ends by itself: {}",
          fence.runId(),
          FailureText.reason(e));
    }
  }
}
