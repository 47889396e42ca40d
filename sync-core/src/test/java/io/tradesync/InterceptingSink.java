package io.tradesync;

import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemoryTransaction;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TransactionalSink;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An in-memory sink that does something of the test's before each batch, such as failing. */
public final class InterceptingSink implements TransactionalSink<InMemoryTransaction> {

  /** What happens before a batch is written. */
  public interface Hook {
    void before(TradeBatch batch) throws Exception;
  }

  /** What was committed. */
  public final InMemorySink held = new InMemorySink();

  /** Every batch that was handed over, also those that failed. */
  public final List<TradeBatch> attempts = new CopyOnWriteArrayList<>();

  public volatile Hook hook = batch -> {};
  public volatile Hook probe = batch -> {};
  public volatile Set<SinkCapability> capabilities = EnumSet.allOf(SinkCapability.class);
  public volatile FailureKind kind;

  /** How many calls of completeDeferred do a piece of work. */
  public final AtomicInteger deferredPieces = new AtomicInteger();

  @Override
  public Class<InMemoryTransaction> transactionType() {
    return InMemoryTransaction.class;
  }

  @Override
  public Set<SinkCapability> capabilities() {
    return capabilities;
  }

  @Override
  public void write(TradeBatch batch, InMemoryTransaction transaction) throws Exception {
    attempts.add(batch);
    hook.before(batch);
    held.write(batch, transaction);
  }

  /** What each call of completeDeferred fails with while pieces are left; null to succeed. */
  public volatile RuntimeException deferredFailure;

  @Override
  public boolean completeDeferred(InMemoryTransaction transaction) {
    RuntimeException failure = deferredFailure;
    if (failure != null && deferredPieces.get() > 0) {
      throw failure;
    }
    return deferredPieces.updateAndGet(left -> Math.max(0, left - 1)) > 0;
  }

  @Override
  public long countDeferred(InMemoryTransaction transaction) {
    return deferredPieces.get();
  }

  @Override
  public void probe() throws Exception {
    probe.before(null);
  }

  @Override
  public Optional<FailureKind> classify(Throwable failure) {
    return Optional.ofNullable(kind);
  }
}
