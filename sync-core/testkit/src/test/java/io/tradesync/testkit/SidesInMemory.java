package io.tradesync.testkit;

import io.tradesync.Trade;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.log.SyncLog;
import java.time.Duration;
import java.util.Collection;

/** A source in memory, beside a log and a sink that go by a clock of the test's. */
abstract class SidesInMemory<T> implements RandomHistory.Sides<T> {

  private final InMemoryTradeSource source = new InMemoryTradeSource();
  private final SettableClock clock;
  private final SyncLog log;
  private final TransactionalSink<T> sink;

  SidesInMemory(SettableClock clock, SyncLog log, TransactionalSink<T> sink) {
    this.clock = clock;
    this.log = log;
    this.sink = sink;
  }

  @Override
  public TradeSource source() {
    return source;
  }

  @Override
  public SyncLog log() {
    return log;
  }

  @Override
  public TransactionalSink<T> sink() {
    return sink;
  }

  @Override
  public void change(Collection<String> removed, Collection<Trade> added) {
    synchronized (source) {
      removed.forEach(source::remove);
      source.putAll(added);
    }
  }

  @Override
  public void pass(Duration duration) {
    clock.advance(duration);
  }
}
