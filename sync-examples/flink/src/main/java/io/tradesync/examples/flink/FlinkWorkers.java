package io.tradesync.examples.flink;

import io.tradesync.TradesyncException;
import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkOutcome;
import io.tradesync.spi.WorkUnit;
import io.tradesync.spi.Workers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.flink.runtime.client.JobCancellationException;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ExceptionUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers on a Flink cluster. Each pass is a job; each of its slots is a worker that pulls units. A
 * job ends when a TaskManager dies: the units without an outcome are then carried out by another
 * job. It gives up after three jobs in a row that answered nothing. A job that is cancelled in
 * Flink ends the run; to stop a run, cancel the run.
 *
 * <p>Thread-safe.
 */
public final class FlinkWorkers implements Workers {

  private static final Logger LOG = LoggerFactory.getLogger(FlinkWorkers.class);
  private static final int MAX_JOBS_WITHOUT_ANSWER = 3;

  private final Supplier<StreamExecutionEnvironment> cluster;
  private final int parallelism;
  private final long worthwhileTrades;
  private final EngineFactory engines;

  /**
   * Workers for runs that have at least {@value Workers#DEFAULT_WORTHWHILE_TRADES} trades to
   * compare or to repair.
   *
   * @param cluster gives the environment of a job, a new one each time, such as {@code
   *     StreamExecutionEnvironment::getExecutionEnvironment} for a program that {@code flink run}
   *     starts
   * @param parallelism how many slots a job takes; a job waits until the cluster has so many
   * @param engines creates the engine of a worker
   */
  public FlinkWorkers(
      Supplier<StreamExecutionEnvironment> cluster, int parallelism, EngineFactory engines) {
    this(cluster, parallelism, DEFAULT_WORTHWHILE_TRADES, engines);
  }

  /**
   * As the other constructor, for runs that have at least so many trades to compare or to repair.
   */
  public FlinkWorkers(
      Supplier<StreamExecutionEnvironment> cluster,
      int parallelism,
      long worthwhileTrades,
      EngineFactory engines) {
    this.cluster = cluster;
    this.parallelism = parallelism;
    this.worthwhileTrades = worthwhileTrades;
    this.engines = engines;
  }

  @Override
  public int parallelism() {
    return parallelism;
  }

  @Override
  public long worthwhileTrades() {
    return worthwhileTrades;
  }

  @Override
  public void carryOut(WorkOrder order, List<WorkUnit> units, Consumer<WorkOutcome> done)
      throws InterruptedException {
    Map<Integer, WorkUnit> open = new ConcurrentHashMap<>();
    units.forEach(unit -> open.put(unit.number(), unit));
    int jobsWithoutAnswer = 0;
    while (!open.isEmpty()) {
      int before = open.size();
      Optional<Throwable> failure = carryOutOnce(order, open, done);
      if (!open.isEmpty()) {
        jobsWithoutAnswer = open.size() < before ? 0 : jobsWithoutAnswer + 1;
        String reason = "the Flink job failed: " + failure.map(FlinkWorkers::rootCause).orElse("?");
        if (failure.filter(FlinkWorkers::isFinal).isPresent()
            || jobsWithoutAnswer == MAX_JOBS_WITHOUT_ANSWER) {
          throw new TradesyncException(reason, failure.orElse(null));
        }
        LOG.warn("run {}: {} units go to the next job: {}", order.runId(), open.size(), reason);
      }
    }
  }

  /** Runs one job; returns why it failed, and leaves the units open that are not answered. */
  private Optional<Throwable> carryOutOnce(
      WorkOrder order, Map<Integer, WorkUnit> open, Consumer<WorkOutcome> done)
      throws InterruptedException {
    FlinkJob job =
        new FlinkJob(cluster.get(), parallelism, engines, order, List.copyOf(open.values()));
    try {
      job.run(
          outcome -> {
            if (UnitFunction.isWithoutEngine(outcome)) {
              throw new TradesyncException("a worker has no engine: " + outcome.failure(), null);
            }
            done.accept(outcome);
            open.remove(outcome.unit());
          });
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(e);
    }
  }

  /** Whether another job would fail as well, or is not wanted. */
  private static boolean isFinal(Throwable failure) {
    return failure.getCause() instanceof TradesyncException
        || ExceptionUtils.findThrowable(failure, JobCancellationException.class).isPresent();
  }

  /** Flink's failures have many causes above the one that tells. */
  private static String rootCause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
