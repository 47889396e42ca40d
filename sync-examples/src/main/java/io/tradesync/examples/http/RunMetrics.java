package io.tradesync.examples.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tradesync.BatchProgress;
import io.tradesync.RunKind;
import io.tradesync.SyncHealth;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Counts what runs do, for Prometheus and for the totals of the API. Thread-safe. */
public final class RunMetrics implements SyncListener {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Instant since = Instant.now();
  private final Counter processed;
  private final Counter errors;
  private final Timer succeeded;
  private final Timer failed;
  private final Object order = new Object();
  private long countedProcessed;
  private long countedErrors;
  private volatile @Nullable SyncHealth health;

  /**
   * Makes metrics that begin at zero.
   *
   * @param liveIsUp tells whether the live path delivers
   */
  public RunMetrics(BooleanSupplier liveIsUp) {
    processed = counter("tradesync.trades.processed", "trades that runs processed");
    errors = counter("tradesync.trades.failed", "trades that failed in runs");
    succeeded = runs("true");
    failed = runs("false");
    gauge("tradesync.lag.minutes", "lag when health was last asked", SyncHealth::lagMinutes);
    gap("missing", health -> health.gaps().missing());
    gap("error", health -> health.gaps().error());
    gap("changed", health -> health.gaps().changed());
    gap("orphaned", health -> health.gaps().orphaned());
    Gauge.builder("tradesync.live.up", () -> liveIsUp.getAsBoolean() ? 1 : 0)
        .description("whether the live path delivers")
        .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private Timer runs(String success) {
    return Timer.builder("tradesync.runs")
        .description("runs that ended, and how long they took")
        .tag("success", success)
        .register(registry);
  }

  private void gap(String kind, ToDoubleFunction<SyncHealth> count) {
    Gauge.builder("tradesync.gaps", () -> whenLastAsked(count))
        .description("differences when health was last asked")
        .tag("kind", kind)
        .register(registry);
  }

  private void gauge(String name, String description, ToDoubleFunction<SyncHealth> value) {
    Gauge.builder(name, () -> whenLastAsked(value)).description(description).register(registry);
  }

  private double whenLastAsked(ToDoubleFunction<SyncHealth> value) {
    SyncHealth known = health;
    return known == null ? Double.NaN : value.applyAsDouble(known);
  }

  @Override
  public void runStarted(String runId, RunKind kind) {
    synchronized (order) {
      countedProcessed = 0;
      countedErrors = 0;
    }
  }

  @Override
  public void batchFinished(BatchProgress progress) {
    count(progress.processed(), progress.errors());
  }

  @Override
  public void runEnded(SyncResult result) {
    count(result.processed(), result.errors());
    (result.success() ? succeeded : failed).record(result.duration());
  }

  private void count(long processedNow, long errorsNow) {
    synchronized (order) {
      processed.increment(Math.max(0, processedNow - countedProcessed));
      errors.increment(Math.max(0, errorsNow - countedErrors));
      countedProcessed = Math.max(countedProcessed, processedNow);
      countedErrors = Math.max(countedErrors, errorsNow);
    }
  }

  void healthAsked(SyncHealth answer) {
    health = answer;
  }

  Answers.Stats stats() {
    double seconds =
        succeeded.totalTime(TimeUnit.SECONDS) + failed.totalTime(TimeUnit.SECONDS);
    return new Answers.Stats(
        since.toString(),
        Duration.between(since, Instant.now()).toSeconds(),
        succeeded.count() + failed.count(),
        failed.count(),
        (long) processed.count(),
        (long) errors.count(),
        seconds == 0 ? 0 : Math.round(processed.count() / seconds));
  }

  String scrape() {
    return registry.scrape();
  }
}
