package io.tradesync.internal.work;

import io.tradesync.TradesyncException;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.internal.thread.Threads;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkOutcome;
import io.tradesync.spi.WorkUnit;
import io.tradesync.spi.Workers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass: hands its units to workers, and takes in one outcome of each. The calling thread stays
 * free to notice that the run is to stop. Used once, by one thread; another may interrupt it.
 */
final class WorkPass {

  private static final Logger LOG = LoggerFactory.getLogger(WorkPass.class);
  private static final long POLL_MILLIS = 50;

  /** How long units that were asked to stop, and the carrier after its last unit, may take. */
  private static final Duration LONGEST_END = Duration.ofSeconds(5);

  private static final Duration LONGEST_INTERRUPT = Duration.ofSeconds(1);

  /** Takes in the result of a unit. */
  interface Handler {
    void take(int unit, UnitResult result);
  }

  private sealed interface Event {}

  private record Answer(int unit, UnitResult result) implements Event {}

  /** The workers have returned: no answer comes any more. */
  private record Returned() implements Event {}

  private final Workers workers;
  private final WorkOrder order;
  private final List<WorkUnit> units;
  private final StopCheck stopCheck;
  private final RunControl control;
  private final Set<Integer> answered = ConcurrentHashMap.newKeySet();
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final ExecutorService carrier;
  private boolean interrupted;
  private int taken;
  private @Nullable RuntimeException ending;
  private long endBy = Long.MAX_VALUE;

  WorkPass(
      Workers workers,
      WorkOrder order,
      List<WorkUnit> units,
      StopCheck stopCheck,
      RunControl control) {
    this.workers = workers;
    this.order = order;
    this.units = units;
    this.stopCheck = stopCheck;
    this.control = control;
    this.carrier = Executors.newSingleThreadExecutor(Threads.daemons("tradesync-work"));
  }

  /**
   * Has the units carried out.
   *
   * @param handler is given each unit's result, on this thread
   * @throws RuntimeException the failure of a unit, or what the stop check threw
   * @throws TradesyncException if some units were left without an answer
   */
  void carryOut(Handler handler) {
    CompletableFuture<Void> carried = new CompletableFuture<>();
    carrier.execute(() -> carryOut(carried));
    try {
      takeAnswers(handler);
      if (ending != null) {
        throw ending;
      }
      if (taken < units.size()) {
        throw unanswered(carried);
      }
      awaitEnd(carried);
    } finally {
      end();
    }
  }

  private void carryOut(CompletableFuture<Void> carried) {
    try {
      workers.carryOut(order, units, this::add);
      carried.complete(null);
    } catch (Throwable e) {
      carried.completeExceptionally(e);
    }
    events.add(new Returned());
  }

  private void add(WorkOutcome outcome) {
    int unit = outcome.unit();
    if (unit < 0 || unit >= units.size()) {
      LOG.warn("run {}: an outcome of no unit was ignored: {}", order.runId(), unit);
    } else if (answered.add(unit)) {
      events.add(new Answer(unit, result(outcome)));
    }
  }

  private static UnitResult result(WorkOutcome outcome) {
    if (outcome.version() != WorkOrder.VERSION) {
      return new UnitResult.Failed(
          new TradesyncException(
              "a worker has version "
                  + outcome.version()
                  + " of work orders, this coordinator version "
                  + WorkOrder.VERSION));
    }
    try {
      return Content.read(UnitResult.class, outcome.content());
    } catch (TradesyncException e) {
      return new UnitResult.Failed(e);
    }
  }

  private void takeAnswers(Handler handler) {
    while (taken < units.size() && System.nanoTime() < endBy) {
      Event event = poll();
      if (event instanceof Returned) {
        return;
      }
      if (event instanceof Answer answer) {
        taken++;
        handler.take(answer.unit, answer.result);
        takeFailure(answer.result);
      }
      checkStop();
    }
  }

  private void takeFailure(UnitResult result) {
    if (result.failure() != null) {
      endWith(Threads.unchecked(result.failure()));
    } else if (result instanceof UnitResult.Stopped
        || (result instanceof UnitResult.Repaired repaired && repaired.stopped())) {
      control.workerStopped();
    }
  }

  private void checkStop() {
    if (ending != null) {
      return;
    }
    try {
      stopCheck.throwIfStopped();
    } catch (RuntimeException e) {
      endWith(e);
    }
  }

  private void endWith(RuntimeException failure) {
    if (ending == null) {
      ending = failure;
      endBy = System.nanoTime() + LONGEST_END.toNanos();
      try {
        control.requestStop();
      } catch (RuntimeException e) {
        LOG.warn("run {}: its workers were not asked to stop: {}", order.runId(), reason(e));
      }
    }
  }

  private @Nullable Event poll() {
    try {
      return events.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      // The check must see the interrupt, and the next poll must not end at once.
      Thread.currentThread().interrupt();
      checkStop();
      interrupted = Thread.interrupted() || interrupted;
      return null;
    }
  }

  private TradesyncException unanswered(CompletableFuture<Void> carried) {
    Throwable cause = failure(carried);
    return new TradesyncException(
        (units.size() - taken)
            + " of "
            + units.size()
            + " units of work were left without an answer"
            + (cause == null ? "" : ": " + reason(cause))
            + "; the next run does what they did not do",
        cause);
  }

  private static String reason(Throwable failure) {
    return FailureText.reason(failure);
  }

  /** Why the carrier ended; null if it returned. */
  private static @Nullable Throwable failure(CompletableFuture<Void> carried) {
    try {
      carried.get(0, TimeUnit.MILLISECONDS);
      return null;
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (Exception e) {
      return e;
    }
  }

  private void awaitEnd(CompletableFuture<Void> carried) {
    endBy = System.nanoTime() + LONGEST_END.toNanos();
    while (!carried.isDone() && System.nanoTime() < endBy && ending == null) {
      Event late = poll();
      if (late == null) {
        checkStop();
      }
    }
    if (ending != null) {
      throw ending;
    }
    Throwable cause = carried.isDone() ? failure(carried) : null;
    if (cause != null) {
      LOG.warn(
          "run {}: its workers ended, after all units, with: {}", order.runId(), reason(cause));
    }
  }

  /** Interrupts the thread that waits for the workers. */
  void interrupt() {
    carrier.shutdownNow();
  }

  private void end() {
    interrupt();
    try {
      if (!carrier.awaitTermination(LONGEST_INTERRUPT.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("run {}: its workers did not end in time and are left behind", order.runId());
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
