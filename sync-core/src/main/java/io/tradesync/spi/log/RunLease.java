package io.tradesync.spi.log;

import java.time.Duration;

/**
 * Who may run now: one holder a service and kind, over all processes. A lease ends when it is
 * released, or by itself when it was not renewed in time, by the log's clock. Nothing is held open
 * between the calls.
 */
public interface RunLease {

  /**
   * Takes the lease if nobody holds it. A run that holds it already is given the same grant once
   * more: the answer to its first request was lost on the way.
   *
   * @param kind which lease
   * @param runId the run that wants it
   * @param ttl how long it lasts unless it is renewed
   * @return the grant
   * @throws io.tradesync.SyncAlreadyRunningException if it is held; names the holder's run
   */
  FencingToken acquire(LeaseKind kind, String runId, Duration ttl);

  /**
   * Lengthens a lease.
   *
   * @param fence the grant
   * @param ttl how long it lasts from now on
   * @return false if it was taken over
   */
  boolean renew(FencingToken fence, Duration ttl);

  /**
   * Gives a lease back; does nothing if it was taken over. Nothing can be done under the grant any
   * more, nor can it be renewed, also by a request that is under way.
   *
   * @param fence the grant
   */
  void release(FencingToken fence);
}
