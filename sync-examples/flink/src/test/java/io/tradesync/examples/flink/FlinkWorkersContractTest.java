package io.tradesync.examples.flink;

import io.tradesync.SyncEngine;
import io.tradesync.Trade;
import io.tradesync.inmemory.InMemorySink;
import io.tradesync.inmemory.InMemorySyncLog;
import io.tradesync.inmemory.InMemoryTradeSource;
import io.tradesync.inmemory.InMemoryTransaction;
import io.tradesync.spi.TradeSource;
import io.tradesync.spi.TransactionalSink;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkOutcome;
import io.tradesync.spi.WorkUnit;
import io.tradesync.spi.Workers;
import io.tradesync.spi.log.SyncLog;
import io.tradesync.testkit.RandomHistory;
import io.tradesync.testkit.SettableClock;
import io.tradesync.testkit.WorkersContract;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The contract of workers, on a cluster in this process, with sides in memory. */
class FlinkWorkersContractTest extends WorkersContract<InMemoryTransaction> {

  // The workers are in this process, and one test runs at a time.
  private static Supplier<SyncEngine> engines;

  @Override
  protected RandomHistory.Sides<InMemoryTransaction> newSides() {
    return new InMemorySides();
  }

  private static final class InMemorySides implements RandomHistory.Sides<InMemoryTransaction> {
    private final SettableClock clock = new SettableClock();
    private final InMemoryTradeSource source = new InMemoryTradeSource();
    private final InMemorySyncLog log = new InMemorySyncLog("analytics", clock);
    private final InMemorySink sink = new InMemorySink();

    @Override
    public TradeSource source() {
      return source;
    }

    @Override
    public SyncLog log() {
      return log;
    }

    @Override
    public TransactionalSink<InMemoryTransaction> sink() {
      return sink;
    }

    @Override
    public List<Trade> held() {
      return sink.trades();
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

  @Override
  protected Workers newWorkers(Supplier<SyncEngine> newEngines) {
    return new Workers() {
      @Override
      public int parallelism() {
        return 2;
      }

      @Override
      public long worthwhileTrades() {
        return 1;
      }

      @Override
      public void carryOut(WorkOrder order, List<WorkUnit> units, Consumer<WorkOutcome> done)
          throws InterruptedException {
        engines = newEngines;
        new FlinkWorkers(LocalCluster.get()::environment, 2, () -> engines.get())
            .carryOut(order, units, done);
      }
    };
  }
}
