package io.tradesync.spi.log;

import java.time.Duration;

/**
 * Grants the right to run: one holder a service and kind, over all processes. A lease ends when it
 * is released, or by itself when it was not renewed in time, by the log's clock. Nothing is held
 * open between the calls. Used by many threads at once.
 */
public interface RunLease {

  /**
   * Takes the lease if nobody holds it. A run that holds it already gets the same token again: the
   * answer to its first request was lost.
   *
   * @param kind which lease
   * @param runId the run that wants it
   * @param ttl how long the lease lasts unless it is renewed
   * @return a token whose number is greater than that of every other run before
   * @throws io.tradesync.SyncAlreadyRunningException if it is held; names the holder's run
   */
  FencingToken acquire(LeaseKind kind, String runId, Duration ttl);

  /**
   * Lengthens a lease.
   *
   * @param ttl how long it lasts from now on
   * @return false if the lease was released or taken over
   */
  boolean renew(FencingToken token, Duration ttl);

  /**
   * Asks the holder of a lease to stop. The holder asks {@link #isCancelRequested} each time it
   * renews the lease. By default nothing is asked.
   *
   * @param runId the run or audit that is to stop
   * @return false if it holds no lease now
   */
  default boolean requestCancel(String runId) {
    return false;
  }

  /** Returns whether the holder was asked to stop; by default it never is. */
  default boolean isCancelRequested(FencingToken token) {
    return false;
  }

  /**
   * Gives a lease back; does nothing if it was taken over. From then on the token commits nothing
   * and renews nothing, not even by a request that is already under way.
   */
  void release(FencingToken token);
}
