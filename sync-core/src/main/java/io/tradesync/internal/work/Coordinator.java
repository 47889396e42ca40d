package io.tradesync.internal.work;

import io.tradesync.internal.compare.ComparisonContext;
import io.tradesync.internal.compare.ComparisonPart;
import io.tradesync.internal.compare.Findings;
import io.tradesync.internal.compare.PartSizes;
import io.tradesync.internal.compare.PartWorkers;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkUnit;
import io.tradesync.spi.Workers;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands the work of one run or audit to workers, pass by pass. Used by one thread; another one may
 * interrupt it.
 */
public final class Coordinator implements PartWorkers {

  private static final int UNITS_PER_WORKER = 8;
  private static final int MIN_UNITS_WORTHWHILE = 10;
  private static final int MAX_RECHECKED_PER_PART = 1_024;

  /** Takes in the result of a unit that repaired. */
  public interface Repairs {
    void take(int unit, UnitResult.Repaired result);
  }

  private final Workers workers;
  private final DecisiveSettings settings;
  private final Task.Lease lease;
  private final RunControl control;
  private volatile @Nullable WorkPass pass;

  public Coordinator(
      Workers workers, DecisiveSettings settings, Task.Lease lease, RunControl control) {
    this.workers = workers;
    this.settings = settings;
    this.lease = lease;
    this.control = control;
  }

  /** Into which units the work of a pass is divided. */
  @Override
  public PartSizes sizes() {
    int parallelism = Math.max(1, workers.parallelism());
    long worthwhile = workers.worthwhileTrades();
    long perUnit = Math.max(1, worthwhile / MIN_UNITS_WORTHWHILE);
    return new PartSizes(
        parallelism,
        Math.max(1, worthwhile),
        perUnit,
        parallelism * UNITS_PER_WORKER,
        (int) Math.min(MAX_RECHECKED_PER_PART, perUnit));
  }

  @Override
  public void compare(
      List<ComparisonPart> parts, ComparisonContext context, Consumer<Findings> gather) {
    List<@Nullable Findings> found = new ArrayList<>();
    parts.forEach(part -> found.add(null));
    int[] gathered = new int[1];
    carryOut(
        "compare",
        new Task.Compare(lease, context.terms()),
        parts,
        context.stopCheck(),
        (unit, result) -> {
          if (result instanceof UnitResult.Compared compared) {
            found.set(unit, compared.findings());
          }
          while (gathered[0] < found.size() && found.get(gathered[0]) != null) {
            gather.accept(found.set(gathered[0]++, null));
          }
        });
  }

  /**
   * Has ranges repaired.
   *
   * @param done is given the result of each unit that began, also of one that failed
   */
  public void repair(Task.Repair task, List<Task.Pieces> units, StopCheck stopCheck, Repairs done) {
    carryOut(
        "repair",
        task,
        units,
        stopCheck,
        (unit, result) -> {
          if (result instanceof UnitResult.Repaired repaired) {
            done.take(unit, repaired);
          }
        });
  }

  private void carryOut(
      String name,
      Task task,
      List<? extends Serializable> contents,
      StopCheck stopCheck,
      WorkPass.Handler handler) {
    WorkOrder order =
        new WorkOrder(
            WorkOrder.VERSION, lease.token().runId(), name, settings.values(), Content.write(task));
    List<WorkUnit> units = new ArrayList<>();
    contents.forEach(content -> units.add(new WorkUnit(units.size(), Content.write(content))));
    stopCheck.throwIfStopped();
    WorkPass next = new WorkPass(workers, order, units, stopCheck, control);
    pass = next;
    next.carryOut(handler);
  }

  /** Interrupts the thread that waits for the workers. */
  @Override
  public void interrupt() {
    WorkPass current = pass;
    if (current != null) {
      current.interrupt();
    }
  }
}
