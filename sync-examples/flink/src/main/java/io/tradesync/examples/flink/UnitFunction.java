package io.tradesync.examples.flink;

import static java.util.Objects.requireNonNull;

import io.tradesync.SyncEngine;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkOutcome;
import io.tradesync.spi.WorkUnit;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.jspecify.annotations.Nullable;

/**
 * A worker: carries out one unit after the other with an engine of its own.
 *
 * <p>Units have a thread of their own. When Flink gives up a job, because another worker died, it
 * interrupts the threads of all tasks. The outcome of a unit that was interrupted like this would
 * end the run; here nobody takes it, and the unit is carried out again by the next job.
 */
final class UnitFunction extends RichMapFunction<WorkUnit, WorkOutcome> {

  private static final long LONGEST_END_SECONDS = 5;

  private final WorkOrder order;
  private final EngineFactory engines;
  private transient @Nullable ExecutorService thread;
  private transient volatile @Nullable SyncEngine engine;

  UnitFunction(WorkOrder order, EngineFactory engines) {
    this.order = order;
    this.engines = engines;
  }

  @Override
  public void open(OpenContext context) {
    thread = Executors.newSingleThreadExecutor(work -> new Thread(work, "tradesync-unit"));
  }

  @Override
  public WorkOutcome map(WorkUnit unit) throws Exception {
    return requireNonNull(thread).submit(() -> carryOut(unit)).get();
  }

  // The engine is created here, not in open(): a task that fails there ends, in Flink 2.3, other
  // TaskManagers (an exception of the sink that collects, which is closed before it was opened).
  private WorkOutcome carryOut(WorkUnit unit) {
    SyncEngine worker = engine;
    if (worker == null) {
      try {
        worker = engines.create();
      } catch (Exception e) {
        return notCreated(unit, e);
      }
      engine = worker;
    }
    return worker.work(order, unit);
  }

  private static WorkOutcome notCreated(WorkUnit unit, Exception failure) {
    return new WorkOutcome(WorkOrder.VERSION, unit.number(), 0, failure.toString(), "");
  }

  /** Whether there was no engine; no engine writes an outcome without content. */
  static boolean isWithoutEngine(WorkOutcome outcome) {
    return outcome.content().isEmpty();
  }

  @Override
  public void close() throws Exception {
    try {
      if (thread != null) {
        thread.shutdownNow();
        // What still runs after this time fails, since its engine is closed.
        boolean unused = thread.awaitTermination(LONGEST_END_SECONDS, TimeUnit.SECONDS);
      }
    } finally {
      SyncEngine worker = engine;
      if (worker != null) {
        worker.close();
      }
      engines.close();
    }
  }
}
