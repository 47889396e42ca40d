package io.tradesync.internal.work;

/** What a pass may ask of its run. */
public interface RunControl {

  /** Asks all workers to stop, through the lease. */
  void requestStop();

  /** A worker was asked to stop, so the run is to stop too. */
  void workerStopped();
}
