package io.tradesync.examples.service.demo;

import io.tradesync.spi.FailureKind;
import io.tradesync.spi.SinkCapability;
import io.tradesync.spi.TradeBatch;
import io.tradesync.spi.TransactionalSink;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A sink whose network fails for chosen trades. A wrapper of a transactional sink must join the
 * transaction as well, and must pass on every call.
 */
final class FailingSink<T> implements TransactionalSink<T> {

  private final TransactionalSink<T> sink;
  private final Predicate<String> broken;

  FailingSink(TransactionalSink<T> sink, Predicate<String> broken) {
    this.sink = sink;
    this.broken = broken;
  }

  @Override
  public void write(TradeBatch batch, T transaction) throws Exception {
    if (batch.changes().stream().anyMatch(change -> broken.test(change.key().id()))) {
      throw new SocketTimeoutException("Read timed out");
    }
    sink.write(batch, transaction);
  }

  @Override
  public Class<T> transactionType() {
    return sink.transactionType();
  }

  @Override
  public void prepare(String service, T transaction) throws Exception {
    sink.prepare(service, transaction);
  }

  @Override
  public boolean completeDeferred(T transaction) throws Exception {
    return sink.completeDeferred(transaction);
  }

  @Override
  public long countDeferred(T transaction) throws Exception {
    return sink.countDeferred(transaction);
  }

  @Override
  public Set<SinkCapability> capabilities() {
    return sink.capabilities();
  }

  @Override
  public void probe() throws Exception {
    sink.probe();
  }

  @Override
  public Optional<FailureKind> classify(Throwable failure) {
    return sink.classify(failure);
  }
}
