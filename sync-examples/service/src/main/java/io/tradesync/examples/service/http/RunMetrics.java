package io.tradesync.examples.service.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tradesync.SyncHealth;
import io.tradesync.micrometer.SyncMetrics;
import io.tradesync.spi.ActivityListener;
import io.tradesync.spi.FeedHealth;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The meters of the engine, for Prometheus and for the totals of the API, and the health that was
 * computed last. Asks neither side nor Redis, so it answers at once whatever is gone. Thread-safe.
 */
final class RunMetrics implements ActivityListener {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final SyncMetrics meters = new SyncMetrics();
  private final Instant since = Instant.now();
  private final Supplier<FeedHealth> live;
  private final @Nullable Supplier<FeedHealth> notify;
  private volatile @Nullable SeenHealth health;
  private volatile @Nullable State state;
  private volatile @Nullable String healthProblem;

  /** A health, and when it was computed, by a clock that is never set. */
  private record SeenHealth(SyncHealth health, long atNanos) {

    Instant at() {
      return Instant.now().minusNanos(System.nanoTime() - atNanos);
    }
  }

  /** Whether the sides were equal, and since when. */
  private record State(boolean healthy, Instant since) {}

  RunMetrics(Supplier<FeedHealth> live, @Nullable Supplier<FeedHealth> notify) {
    this.live = live;
    this.notify = notify;
    meters.feed(live);
    if (notify != null) {
      meters.feed(notify);
    }
    meters.bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
  }

  /** The listener that counts. */
  SyncMetrics meters() {
    return meters;
  }

  @Override
  public void healthComputed(SyncHealth computed) {
    health = new SeenHealth(computed, System.nanoTime());
    healthProblem = null;
    State before = state;
    if (before == null || before.healthy() != computed.isHealthy()) {
      state = new State(computed.isHealthy(), Instant.now());
    }
  }

  /** Health could not be computed. */
  void healthFailed(String problem) {
    healthProblem = problem;
  }

  /**
   * The health that was computed last, with its time, and why none could be computed since; empty
   * if none was computed yet.
   */
  Optional<Answers.Health> lastHealth() {
    SeenHealth known = health;
    return known == null
        ? Optional.empty()
        : Optional.of(Answers.Health.of(known.health(), known.at(), healthProblem));
  }

  FeedAnswers.Stats stats(Answers.@Nullable Progress run, Answers.@Nullable Result lastResult) {
    double seconds =
        registry.get("tradesync.runs").timers().stream()
            .mapToDouble(timer -> timer.totalTime(TimeUnit.SECONDS))
            .sum();
    long processed = count("tradesync.trades.processed");
    return new FeedAnswers.Stats(
        since.toString(),
        Duration.between(since, Instant.now()).toSeconds(),
        registry.get("tradesync.runs").timers().stream().mapToLong(Timer::count).sum(),
        processed,
        count("tradesync.trades.failed"),
        seconds == 0 ? 0 : Math.round(processed / seconds),
        FeedAnswers.Live.of(live.get()),
        notify == null ? null : FeedAnswers.PonderNotify.of(notify.get()),
        activity(),
        run,
        lastResult);
  }

  private FeedAnswers.Activity activity() {
    State known = state;
    SeenHealth seen = health;
    return new FeedAnswers.Activity(
        (long) registry.get("tradesync.workers.busy").gauge().value(),
        (long)
            registry.find("tradesync.retries").counters().stream()
                .mapToDouble(Counter::count)
                .sum(),
        known == null ? null : known.healthy(),
        known == null ? null : known.since().toString(),
        seen == null ? null : seen.at().toString());
  }

  private long count(String counter) {
    return (long) registry.get(counter).functionCounter().count();
  }

  String scrape() {
    return registry.scrape();
  }
}
