package io.tradesync.spi;

import io.tradesync.TradeKey;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Filters the trades of a sink that joins the log's transaction; see {@link Sinks#filter}. */
final class JoiningFilter<T> extends ForwardingSink<T> {

  private final TradeFilter filter;
  private final TransactionalSink<T> sink;

  JoiningFilter(TradeFilter filter, TransactionalSink<T> sink) {
    super(sink);
    this.filter = filter;
    this.sink = sink;
  }

  @Override
  public void write(TradeBatch batch, T transaction) throws Exception {
    filter.write(batch, wanted -> sink.write(wanted, transaction));
  }

  /**
   * Asks the inner sink without the oldest entry: that entry may have been filtered, so that the
   * sink never held it, and would take it for dropped.
   */
  @Override
  public Retention retention(Optional<TradeKey> oldestProcessed, T transaction) throws Exception {
    return sink.retention(Optional.empty(), transaction);
  }

  /** None: the log holds as processed what was filtered, and the inner sink does not hold it. */
  @Override
  public Optional<SinkDigests<T>> digests(Optional<List<String>> attributeNames) {
    return Optional.empty();
  }

  @Override
  public Set<SinkCapability> capabilities() {
    return TradeFilter.capabilities(sink);
  }
}
