package io.tradesync.spi;

import java.util.List;
import java.util.function.Consumer;

/**
 * Carries out the work of a run on other machines. Users implement it for a cluster that they have;
 * the engine stays the coordinator. It holds the lease, plans, decides on retractions and records
 * the outcome; workers compare and repair ranges of keys.
 *
 * <p>A run has two passes, each one call of {@link #carryOut}: units that compare, and then, when
 * all of these are answered, units that repair. An audit has the first pass only. What is small the
 * coordinator does itself; see {@link #worthwhileTrades}.
 *
 * <p><b>Contract.</b> Each unit is given to {@code SyncEngine.work} of an engine with the same
 * source, log, sink and settings, and what that returns is given to {@code done}. Nothing else is
 * asked of the carrier:
 *
 * <ul>
 *   <li>A unit may be carried out several times, also at the same time and on several machines. Its
 *       outcomes may come in any order, late, and more than once; the engine counts the first one.
 *   <li>A unit whose worker died is given to another worker by this implementation. {@code
 *       SyncEngine.work} tries failed calls again itself and answers every failure with an outcome,
 *       so an outcome is never a reason to carry the unit out again.
 *   <li>If an outcome is lost for good, {@code carryOut} returns or throws without it. The run then
 *       fails. Nothing is lost: what was committed is committed, and the rest is a gap that the
 *       next run closes.
 * </ul>
 *
 * <p>A run that is cancelled, or whose lease was lost, is known to the workers within about a
 * second: they ask the log, and their units end with an outcome. If {@code carryOut} has not
 * returned some seconds later, its thread is interrupted. What a worker still does afterwards
 * commits nothing, since the lease has ended.
 *
 * <p>Thread-safe: the run and the audit of an engine may call it at the same time.
 */
public interface Workers {

  /** The number of trades below which handing out work costs more than it saves, by default. */
  long DEFAULT_WORTHWHILE_TRADES = 10_000;

  /** How many units are carried out at the same time; at least 1. Work is divided accordingly. */
  int parallelism();

  /**
   * How many trades there must be to compare, or to repair, before work is handed out. The
   * coordinator does less than that itself.
   */
  default long worthwhileTrades() {
    return DEFAULT_WORTHWHILE_TRADES;
  }

  /**
   * Has all units of a pass carried out, and returns when each is answered.
   *
   * @param order what the units have in common
   * @param units the units, each with a number of its own; at least one
   * @param done takes outcomes in, from any thread; never throws and never waits
   * @throws InterruptedException if the thread was interrupted
   * @throws Exception if units are not answered and will not be; the run fails with its message
   */
  void carryOut(WorkOrder order, List<WorkUnit> units, Consumer<WorkOutcome> done) throws Exception;
}
