package io.tradesync.spi;

import io.tradesync.TradeKey;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Filters the trades of a sink that joins the log's transaction; see {@link Sinks#filter}. */
record JoiningFilter<T>(TradeFilter filter, TransactionalSink<T> sink)
    implements TransactionalSink<T> {

  JoiningFilter {
    Objects.requireNonNull(sink, "sink");
  }

  @Override
  public Class<T> transactionType() {
    return sink.transactionType();
  }

  @Override
  public void write(TradeBatch batch, T transaction) throws Exception {
    filter.write(batch, wanted -> sink.write(wanted, transaction));
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

  /**
   * Asks the inner sink without the oldest entry: that entry may have been filtered, so that the
   * sink never held it, and would take it for dropped.
   */
  @Override
  public Retention retention(Optional<TradeKey> oldestProcessed, T transaction) throws Exception {
    return sink.retention(Optional.empty(), transaction);
  }

  @Override
  public Set<SinkCapability> capabilities() {
    return TradeFilter.capabilities(sink);
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
