package io.tradesync.spi;

import java.util.Optional;
import java.util.Set;

/**
 * Receives the trades. Users implement it for the place where their trades are to go; a lambda is a
 * complete sink.
 *
 * <p><b>Contract.</b> With a parallelism above 1 the engine calls the sink from several threads at
 * once, but never for the same key at the same time. When {@code write} returns, its changes are
 * durable. When it throws, some of them may be there. The log records what it hands out before, and
 * that it is processed after {@code write} returned: if the process dies in between, or an answer
 * is lost, the trades are perhaps in the sink, and the engine writes them again, or replaces or
 * retracts them if they changed, moved or vanished meanwhile. <b>So this sink receives each change
 * at least once.</b> The effect is exactly once if the receiver applies, for an id, only what has a
 * greater {@linkplain TradeChange#revision() revision} than what it applied last. A sink that keeps
 * one row for each id and writes whole rows gets there too, as long as its writes are never delayed
 * or reordered. {@link TradeBatch#idempotencyKey()} recognises an exact repeat of a batch only:
 * after a crash the same changes can come in other batches, so a receiver that counts by it counts
 * twice. A sink in the log's own database implements {@link TransactionalSink} instead and needs
 * none of this.
 *
 * <p>What happens after {@code write} returned is not seen by the engine, so a sink waits for what
 * it does on other threads. It does not call the engine that calls it: {@link
 * io.tradesync.SyncEngine} refuses that.
 */
@FunctionalInterface
public interface AnalyticsSink {

  /**
   * Carries out all changes of a batch.
   *
   * @param batch changes of the kinds of {@link #capabilities()} only
   * @throws BadTradesException if the sink knows which trades cannot be written
   * @throws SinkUnavailableException if the sink cannot be used at all: the run ends, and no trade
   *     is marked as failed
   * @throws RetryLaterException if the sink is to be called again later, which uses up no attempt
   * @throws Exception if they cannot be carried out for another reason. The engine tries again
   *     after a timeout or an {@link java.io.IOException}. The message of another exception is
   *     recorded with the failed trades, so it must not hold secrets. An error is treated as an
   *     exception; only a {@link VirtualMachineError} other than {@link StackOverflowError} ends
   *     the run
   */
  void write(TradeBatch batch) throws Exception;

  /**
   * The kinds of change that this sink supports; by default inserts only. Must always return the
   * same set. The sink never receives another kind: such gaps are reported and not repaired, and a
   * force is refused without {@link SinkCapability#REPLACE}.
   */
  default Set<SinkCapability> capabilities() {
    return Set.of(SinkCapability.INSERT);
  }

  /**
   * Checks whether the sink can be reached. The engine calls it after a batch has used up its
   * attempts with a connection failure.
   *
   * @throws Exception if it cannot be reached
   */
  default void probe() throws Exception {}

  /**
   * Describes the settings of this sink that decide what it writes. On other machines the engine
   * uses a sink of the same description only; see {@link Workers}. By default empty.
   *
   * @return one line without secrets, the same on every machine
   */
  default String identity() {
    return "";
  }

  /**
   * Sorts a failure that only this sink understands.
   *
   * @param failure what {@link #write} threw
   * @return its kind, or empty if this sink does not know
   */
  default Optional<FailureKind> classify(Throwable failure) {
    return Optional.empty();
  }
}
