package io.tradesync.examples.flink;

import io.tradesync.SyncEngine;
import java.io.Serializable;

/**
 * Creates the engine of a worker, on the machine of the worker. It is serialised into the Flink
 * job; each slot that takes part in a job has a copy of its own. So it holds names and addresses,
 * and what it opens is in transient fields. It is readable for everybody who may read the job:
 * {@link #create} should read passwords from the environment of the worker.
 *
 * <p>A copy is used by one thread at a time: {@link #create} is called when the first unit comes,
 * {@link #close} when the job ends.
 */
@FunctionalInterface
public interface EngineFactory extends Serializable {

  /**
   * Creates an engine with the same source, log, sink and settings as the coordinator's, and
   * without workers. It is closed when the job ends.
   *
   * @throws Exception if that is impossible; the run fails with its message
   */
  SyncEngine create() throws Exception;

  /**
   * Closes what {@link #create} opened beside the engine, such as pools. It is called after the
   * engine was closed, and also if {@link #create} threw or was never called.
   *
   * @throws Exception if that is impossible; Flink logs it
   */
  default void close() throws Exception {}
}
