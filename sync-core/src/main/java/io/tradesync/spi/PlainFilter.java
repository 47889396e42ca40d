package io.tradesync.spi;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Filters the trades of a sink outside the log's transaction; see {@link Sinks#filter}. */
record PlainFilter(TradeFilter filter, AnalyticsSink sink) implements AnalyticsSink {

  PlainFilter {
    Objects.requireNonNull(sink, "sink");
  }

  @Override
  public void write(TradeBatch batch) throws Exception {
    filter.write(batch, sink::write);
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
  public String identity() {
    return sink.identity();
  }

  @Override
  public Optional<FailureKind> classify(Throwable failure) {
    return sink.classify(failure);
  }
}
