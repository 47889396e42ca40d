package io.tradesync.examples.service.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tradesync.BatchProgress;
import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.SyncHealth;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.spi.FeedHealth;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Counts what runs do and shows how the live paths are doing, for Prometheus and for the totals of
 * the API. Asks neither side nor Redis, so it answers at once whatever is gone. Thread-safe.
 */
final class RunMetrics implements SyncListener {

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Instant since = Instant.now();
  private final Counter processed;
  private final Counter errors;
  private final Map<RunOutcome, Timer> runs = new EnumMap<>(RunOutcome.class);
  private final Supplier<FeedHealth> live;
  private final @Nullable Supplier<FeedHealth> notify;
  private final MultiGauge liveStreams =
      MultiGauge.builder("tradesync.live.stream.up")
          .description("whether the live path can use a stream, and why not")
          .register(registry);
  private final Object order = new Object();
  private long countedProcessed;
  private long countedErrors;
  private volatile @Nullable SeenHealth health;

  /** A health, and when it was computed, by a clock that is never set. */
  private record SeenHealth(SyncHealth health, long atNanos) {}

  RunMetrics(Supplier<FeedHealth> live, @Nullable Supplier<FeedHealth> notify) {
    this.live = live;
    this.notify = notify;
    processed = counter("tradesync.trades.processed", "trades that runs processed");
    errors = counter("tradesync.trades.failed", "trades that failed in runs");
    for (RunOutcome outcome :
        List.of(RunOutcome.COMPLETED, RunOutcome.FAILED, RunOutcome.CANCELLED)) {
      runs.put(outcome, timer(outcome));
    }
    gauge("tradesync.lag.minutes", "lag when health was last computed", SyncHealth::lagMinutes);
    Gauge.builder("tradesync.health.age.seconds", this::healthAge)
        .description("time since the health that the gauges of lag and gaps show")
        .register(registry);
    gap("missing", health -> health.gaps().missing());
    gap("error", health -> health.gaps().error());
    gap("changed", health -> health.gaps().changed());
    gap("orphaned", health -> health.gaps().orphaned());
    showStreams(live);
    if (notify != null) {
      showNotifications(notify);
    }
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
  }

  private void showStreams(Supplier<FeedHealth> live) {
    FeedMeters streams = new FeedMeters("tradesync.live.", live);
    streams.gauge("up", "whether the live path delivers", health -> health.up() ? 1 : 0);
    streams.gauge("paused", "whether deliveries are paused", health -> health.paused() ? 1 : 0);
    streams.gauge(
        "lag", "stream entries not yet delivered", health -> orUnknown(health.backlog().lag()));
    streams.gauge(
        "pending",
        "stream entries not yet acknowledged",
        health -> orUnknown(health.backlog().pending()));
    streams.gauge(
        "oldest.pending.seconds",
        "age of the oldest of these",
        health -> seconds(health.backlog().oldestPending()));
    streams.counter("consumed", "consumed", "stream entries consumed");
    streams.counter("malformed", "malformed", "stream entries that made no sense");
    streams.counter("dead.letters", "deadLetters", "stream entries given up");
    streams.counter("trimmed", "trimmed", "stream entries gone while pending");
    streams.counter("unanswered", "unanswered", "hints that the source did not answer in time");
    streams.counter("claimed", "claimed", "stream entries taken over");
    streams.counter(
        "foreign.consumers", "foreignConsumers", "consumers of other services in the group");
    for (String kind : live.get().losses().keySet()) {
      streams.counter(
          "losses",
          "times that stream data may have been lost",
          health -> health.losses().get(kind),
          "kind",
          kind);
    }
  }

  private void showNotifications(Supplier<FeedHealth> notify) {
    FeedMeters notifications = new FeedMeters("tradesync.notify.", notify);
    notifications.gauge(
        "up", "whether Ponder's notifications are heard", health -> health.up() ? 1 : 0);
    notifications.counter("notifications", "notifications", "notifications of new trades");
    notifications.counter("readings", "readings", "readings of the source for them");
    notifications.counter("losses", "times that nobody listened", FeedHealth::totalLosses);
  }

  /** The meters of one live feed. */
  private final class FeedMeters {

    private final String prefix;
    private final Supplier<FeedHealth> health;

    FeedMeters(String prefix, Supplier<FeedHealth> health) {
      this.prefix = prefix;
      this.health = health;
    }

    void gauge(String name, String description, ToDoubleFunction<FeedHealth> value) {
      Gauge.builder(prefix + name, () -> value.applyAsDouble(health.get()))
          .description(description)
          .register(registry);
    }

    void counter(String name, String feedCounter, String description) {
      counter(name, description, asked -> asked.counter(feedCounter));
    }

    void counter(
        String name, String description, ToDoubleFunction<FeedHealth> count, String... tags) {
      // The counter holds the supplier weakly; the fields of RunMetrics keep it.
      FunctionCounter.builder(prefix + name, health, asked -> count.applyAsDouble(asked.get()))
          .description(description)
          .tags(tags)
          .register(registry);
    }
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private Timer timer(RunOutcome outcome) {
    return Timer.builder("tradesync.runs")
        .description("runs that ended, and how long they took")
        .tag("outcome", Answers.word(outcome))
        .register(registry);
  }

  private static double orUnknown(@Nullable Long count) {
    return count == null ? Double.NaN : count;
  }

  private static double seconds(@Nullable Duration duration) {
    return duration == null ? Double.NaN : duration.toMillis() / 1_000.0;
  }

  private void gap(String kind, ToDoubleFunction<SyncHealth> count) {
    Gauge.builder("tradesync.gaps", () -> whenLastComputed(count))
        .description("differences when health was last computed")
        .tag("kind", kind)
        .register(registry);
  }

  private void gauge(String name, String description, ToDoubleFunction<SyncHealth> value) {
    Gauge.builder(name, () -> whenLastComputed(value)).description(description).register(registry);
  }

  private double whenLastComputed(ToDoubleFunction<SyncHealth> value) {
    SeenHealth known = health;
    return known == null ? Double.NaN : value.applyAsDouble(known.health());
  }

  private double healthAge() {
    SeenHealth known = health;
    return known == null ? Double.NaN : (System.nanoTime() - known.atNanos()) / 1e9;
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
    count(progress.run().processed(), progress.run().errors());
  }

  @Override
  public void runEnded(SyncResult result) {
    count(result.processed(), result.errors());
    Timer timer = runs.get(result.outcome());
    if (timer != null) {
      timer.record(result.duration());
    }
  }

  private void count(long processedNow, long errorsNow) {
    synchronized (order) {
      processed.increment((double) Math.max(0, processedNow - countedProcessed));
      errors.increment((double) Math.max(0, errorsNow - countedErrors));
      countedProcessed = Math.max(countedProcessed, processedNow);
      countedErrors = Math.max(countedErrors, errorsNow);
    }
  }

  void healthComputed(SyncHealth computed) {
    health = new SeenHealth(computed, System.nanoTime());
  }

  /** The health that was computed last, with its time; empty if none was computed yet. */
  Optional<Answers.Health> lastHealth() {
    SeenHealth known = health;
    return known == null
        ? Optional.empty()
        : Optional.of(
            Answers.Health.of(
                known.health(), Instant.now().minusNanos(System.nanoTime() - known.atNanos())));
  }

  Answers.Stats stats() {
    double seconds =
        runs.values().stream().mapToDouble(timer -> timer.totalTime(TimeUnit.SECONDS)).sum();
    return new Answers.Stats(
        since.toString(),
        Duration.between(since, Instant.now()).toSeconds(),
        runs.values().stream().mapToLong(Timer::count).sum(),
        (long) processed.count(),
        (long) errors.count(),
        seconds == 0 ? 0 : Math.round(processed.count() / seconds),
        Answers.Live.of(live.get()),
        notify == null ? null : Answers.PonderNotify.of(notify.get()));
  }

  String scrape() {
    liveStreams.register(
        live.get().channels().stream()
            .<MultiGauge.Row<?>>map(
                stream ->
                    MultiGauge.Row.of(
                        Tags.of(
                            "stream",
                            stream.name(),
                            "reason",
                            stream.reason() == null ? "" : stream.reason()),
                        stream.up() ? 1 : 0))
            .toList(),
        true);
    return registry.scrape();
  }
}
