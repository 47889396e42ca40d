package io.tradesync.examples.flink;

import io.tradesync.spi.WorkOrder;
import io.tradesync.spi.WorkOutcome;
import io.tradesync.spi.WorkUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One job: carries out units, and delivers each outcome while it runs. Used once. */
final class FlinkJob {

  private static final Logger LOG = LoggerFactory.getLogger(FlinkJob.class);
  private static final long LONGEST_CANCEL_MILLIS = 800;

  private final String name;
  private final StreamExecutionEnvironment flink;
  private final CloseableIterator<WorkOutcome> outcomes;
  private final CompletableFuture<JobClient> submitted = new CompletableFuture<>();
  private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

  FlinkJob(
      StreamExecutionEnvironment flink,
      int parallelism,
      EngineFactory engines,
      WorkOrder order,
      List<WorkUnit> units) {
    this.flink = flink;
    this.name = "tradesync " + order.pass() + " " + order.runId();
    // In batch mode outcomes would come at the end of the job, with checkpoints at the next one.
    flink.setRuntimeMode(RuntimeExecutionMode.STREAMING);
    flink.getCheckpointConfig().disableCheckpointing();
    // A unit is given to another worker by the next job, never by Flink as well.
    Configuration once = new Configuration();
    once.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    flink.configure(once);
    int workers = Math.min(parallelism, units.size());
    outcomes =
        flink
            .fromSource(
                new UnitSource(units),
                WatermarkStrategy.noWatermarks(),
                "units",
                TypeInformation.of(WorkUnit.class))
            .setParallelism(workers)
            .map(new UnitFunction(order, engines))
            .name("work")
            .returns(WorkOutcome.class)
            .setParallelism(workers)
            .collectAsync();
  }

  /**
   * Runs the job to its end.
   *
   * @throws ExecutionException if it failed, or was cancelled in Flink
   * @throws InterruptedException if this thread was interrupted; the job is cancelled
   */
  void run(Consumer<WorkOutcome> done) throws ExecutionException, InterruptedException {
    // Flink's client does not end at an interrupt, so it has a thread of its own.
    Thread client = new Thread(() -> submitAndCollect(done), "tradesync-flink");
    client.setDaemon(true);
    client.start();
    try {
      ended.get();
    } catch (InterruptedException e) {
      cancel();
      throw e;
    }
  }

  private void submitAndCollect(Consumer<WorkOutcome> done) {
    try (outcomes) {
      submitted.complete(flink.executeAsync(name));
      while (outcomes.hasNext()) {
        done.accept(outcomes.next());
      }
      ended.complete(true);
    } catch (Throwable e) {
      submitted.completeExceptionally(e);
      ended.completeExceptionally(e);
    }
  }

  /** Cancels the job, also one that is being submitted; waits for Flink's answer a moment. */
  private void cancel() throws InterruptedException {
    try {
      submitted.thenCompose(JobClient::cancel).get(LONGEST_CANCEL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("job {} was asked to end, Flink did not confirm it: {}", name, e.toString());
    }
  }
}
