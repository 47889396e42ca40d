package io.tradesync.spi;

import io.tradesync.TradeKey;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Passes every call on to another sink in the log's transaction. A sink that wraps another extends
 * this class and overrides what it changes, so that it hides no ability of the inner sink. As
 * thread-safe as the inner sink.
 *
 * @param <T> the type of the log's transactions
 */
public abstract class ForwardingSink<T> implements TransactionalSink<T> {

  private final TransactionalSink<T> sink;

  /** Takes in the inner sink. */
  protected ForwardingSink(TransactionalSink<T> sink) {
    this.sink = Objects.requireNonNull(sink, "sink");
  }

  @Override
  public Class<T> transactionType() {
    return sink.transactionType();
  }

  @Override
  public void write(TradeBatch batch, T transaction) throws Exception {
    sink.write(batch, transaction);
  }

  @Override
  public boolean usesRevisions() {
    return sink.usesRevisions();
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
  public Retention retention(Optional<TradeKey> oldestProcessed, T transaction) throws Exception {
    return sink.retention(oldestProcessed, transaction);
  }

  @Override
  public Optional<SinkDigests<T>> digests(Optional<List<String>> attributeNames) {
    return sink.digests(attributeNames);
  }

  @Override
  public Optional<WorkAfterCommit<T>> workAfterCommit() {
    return sink.workAfterCommit();
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
  public String identity() {
    return sink.identity();
  }

  @Override
  public Optional<FailureKind> classify(Throwable failure) {
    return sink.classify(failure);
  }
}
