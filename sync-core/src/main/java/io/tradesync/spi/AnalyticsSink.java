package io.tradesync.spi;

import io.tradesync.Fingerprint;
import java.util.Optional;
import java.util.Set;

/**
 * Where trades go. A lambda is a complete sink.
 *
 * <p><b>Contract.</b> With a parallelism above 1, called by several threads at once, never with the
 * same key at the same time. When {@code write} returns, its changes are durable; when it throws,
 * they may be there in part. The log is committed after {@code write} returned. A process that dies
 * in between leaves the changes in the sink and not in the log, so the same trades are written
 * again: <b>this sink sees each change at least once</b>. The effect is exactly once if the sink
 * discards what it has seen, by the batch's idempotency key where the batch is the same, and always
 * by the trade's key and {@link Fingerprint}: after a crash the same trades can come in other
 * batches. A sink in the log's own database implements {@link TransactionalSink} instead and needs
 * none of this.
 */
@FunctionalInterface
public interface AnalyticsSink {

  /**
   * Carries out all changes of a batch.
   *
   * @param batch the changes, of the kinds of {@link #capabilities()} only
   * @throws Exception if they cannot be carried out. A timeout or an {@link java.io.IOException} is
   *     tried again; of other exceptions the message becomes the reason that the failed trades are
   *     marked with, so it must not hold secrets
   */
  void write(TradeBatch batch) throws Exception;

  /**
   * The kinds of change that this sink understands. What it does not name it never receives: such
   * gaps are reported and not repaired, and forcing is refused without {@link
   * SinkCapability#REPLACE}.
   *
   * @return by default inserts only; always the same answer
   */
  default Set<SinkCapability> capabilities() {
    return Set.of(SinkCapability.INSERT);
  }

  /**
   * Tells whether the sink can be reached; asked after a batch failed for good on the network.
   *
   * @throws Exception if it cannot
   */
  default void probe() throws Exception {}

  /**
   * Sorts a failure that only this sink understands.
   *
   * @param failure what {@link #write} threw
   * @return its kind, or empty if this sink cannot tell
   */
  default Optional<FailureKind> classify(Throwable failure) {
    return Optional.empty();
  }
}
