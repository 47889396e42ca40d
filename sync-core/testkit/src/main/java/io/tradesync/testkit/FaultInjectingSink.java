package io.tradesync.testkit;

import io.tradesync.spi.ForwardingSink;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TransactionalSink;
import java.util.Objects;

/**
 * A sink that fails when a test wants it to, before or after the inner sink has written. A failure
 * after the write is the harder case: the log's transaction is rolled back, and with it what the
 * inner sink wrote. By default nothing fails. As thread-safe as the inner sink and the faults.
 *
 * @param <T> the type of the log's transactions
 */
public final class FaultInjectingSink<T> extends ForwardingSink<T> {

  private volatile Fault before = Fault.NONE;
  private volatile Fault after = Fault.NONE;

  /** Decides for each batch whether it fails, and how. Called by several workers at once. */
  @FunctionalInterface
  public interface Fault {

    /** Lets every batch pass. */
    Fault NONE = batch -> {};

    /**
     * Returns if the batch is to pass.
     *
     * @throws Exception what the sink throws
     */
    void strike(TradeBatch batch) throws Exception;
  }

  /** Wraps a sink. */
  public FaultInjectingSink(TransactionalSink<T> sink) {
    super(sink);
  }

  /** Sets what is thrown before the inner sink is called; replaces the fault set before. */
  public FaultInjectingSink<T> failingBefore(Fault fault) {
    before = Objects.requireNonNull(fault, "fault");
    return this;
  }

  /** Sets what is thrown after the inner sink has written; replaces the fault set before. */
  public FaultInjectingSink<T> failingAfter(Fault fault) {
    after = Objects.requireNonNull(fault, "fault");
    return this;
  }

  @Override
  public void write(TradeBatch batch, T transaction) throws Exception {
    before.strike(batch);
    super.write(batch, transaction);
    after.strike(batch);
  }
}
