package io.tradesync.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.tradesync.BatchProgress;
import io.tradesync.FailedTrade;
import io.tradesync.GapKind;
import io.tradesync.RunKind;
import io.tradesync.SyncHealth;
import io.tradesync.SyncResult;
import io.tradesync.spi.ActivityListener;
import io.tradesync.spi.FailureKind;
import io.tradesync.spi.FeedHealth;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The meters of an engine and its live feeds. Give the object to the engine as a listener, and bind
 * it to each registry that is to show the meters:
 *
 * <pre>{@code
 * SyncMetrics metrics = new SyncMetrics();
 * SyncEngine engine = SyncEngine.builder().source(source).log(log).sink(sink).listener(metrics).build();
 * metrics.feed(consumer::health).bindTo(registry);
 * }</pre>
 *
 * <p>The gauges of lag and gaps show the health that was computed last, so something must call
 * {@link io.tradesync.SyncEngine#health} now and then; {@code tradesync.health.age.seconds} says
 * how old they are, and each is NaN before the first time. Neither side is ever asked for a meter.
 * docs/METRICS.md of the project lists all meters. Needs Micrometer on the class path.
 *
 * <p>Thread-safe. Counts begin at zero when the object is created, for all registries alike; the
 * timers of a registry begin when it is bound.
 */
public final class SyncMetrics implements MeterBinder, ActivityListener {

  private final Tags tags;
  private final LongAdder processed = new LongAdder();
  private final LongAdder failedInRuns = new LongAdder();
  private final LongAdder failedLive = new LongAdder();
  private final LongAdder parked = new LongAdder();
  private final AtomicInteger busyWorkers = new AtomicInteger();
  private final List<Supplier<FeedHealth>> feeds = new CopyOnWriteArrayList<>();
  private final List<RegisteredMeters> registered = new CopyOnWriteArrayList<>();
  private final LastHealth lastHealth = new LastHealth(System::nanoTime);
  private long processedInRun;
  private long failedInRun;

  /** Creates meters that have counted nothing. */
  public SyncMetrics() {
    this(Tags.empty());
  }

  /**
   * Creates meters that have counted nothing, with tags of the caller's on each of them. Where a
   * process has several engines, each needs meters of its own, with another value of the same tag.
   */
  public SyncMetrics(Iterable<Tag> tags) {
    this.tags = Tags.of(tags);
  }

  /**
   * Adds the meters of a live feed to all registries that are bound later. The value of the tag
   * {@code feed} is the feed's name.
   *
   * @param health the feed's state, which is asked whenever the meters are read; usually {@code
   *     feed::health}
   */
  public SyncMetrics feed(Supplier<FeedHealth> health) {
    feeds.add(health);
    return this;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    bindHealth(registry);
    counter(registry, "trades.processed", "trades that runs processed", processed);
    counter(registry, "trades.failed", "trades that failed in runs", failedInRuns);
    counter(registry, "trades.failed.live", "trades that failed on the live path", failedLive);
    counter(registry, "trades.parked", "trades that failed and were parked", parked);
    Gauge.builder("tradesync.workers.busy", busyWorkers, AtomicInteger::get)
        .description("threads that write batches of a run")
        .tags(tags)
        .register(registry);
    RegisteredMeters meters = new RegisteredMeters(registry, tags);
    for (Supplier<FeedHealth> feed : feeds) {
      new FeedMeters(registry, feed, tags).bind();
      // A histogram that is there from the start has a rate from its first message on.
      Timer ignored = meters.latency(feed.get().name());
    }
    registered.add(meters);
  }

  private void bindHealth(MeterRegistry registry) {
    healthGauge(registry, "lag.minutes", "lag", Tags.empty(), SyncHealth::lagMinutes);
    healthGauge(
        registry,
        "store.differs",
        "rows and candles that the last audit found to differ and no run has repaired since",
        Tags.empty(),
        SyncHealth::storeDiffers);
    healthGauge(
        registry,
        "candles.to.recompute",
        "candles that the sink still has to recompute",
        Tags.empty(),
        SyncHealth::candlesToRecompute);
    for (GapKind kind : GapKind.values()) {
      Tags ofKind = Tags.of("kind", RegisteredMeters.word(kind));
      healthGauge(
          registry, "gaps", "differences", ofKind, health -> LastHealth.count(kind, health.gaps()));
      Gauge.builder("tradesync.gaps.age.seconds", lastHealth, health -> health.gapAge(kind))
          .description("time since health first saw this kind, and did so each time; 0 if none")
          .tags(tags.and(ofKind))
          .register(registry);
    }
    Gauge.builder("tradesync.health.age.seconds", lastHealth, LastHealth::age)
        .description("time since health was last computed")
        .tags(tags)
        .register(registry);
  }

  private void healthGauge(
      MeterRegistry registry,
      String name,
      String description,
      Tags ofKind,
      ToDoubleFunction<SyncHealth> value) {
    Gauge.builder("tradesync." + name, lastHealth, health -> health.value(value))
        .description(description + ", when health was last computed")
        .tags(tags.and(ofKind))
        .register(registry);
  }

  private void counter(MeterRegistry registry, String name, String description, LongAdder count) {
    FunctionCounter.builder("tradesync." + name, count, LongAdder::doubleValue)
        .description(description)
        .tags(tags)
        .register(registry);
  }

  @Override
  public synchronized void runStarted(String runId, RunKind kind) {
    processedInRun = 0;
    failedInRun = 0;
  }

  @Override
  public void batchFinished(BatchProgress progress) {
    count(progress.run().processed(), progress.run().errors());
  }

  @Override
  public void runEnded(SyncResult result) {
    count(result.processed(), result.errors());
    registered.forEach(meters -> meters.runEnded(result.outcome(), result.duration()));
  }

  private synchronized void count(long processedNow, long failedNow) {
    processed.add(Math.max(0, processedNow - processedInRun));
    failedInRuns.add(Math.max(0, failedNow - failedInRun));
    processedInRun = Math.max(processedInRun, processedNow);
    failedInRun = Math.max(failedInRun, failedNow);
  }

  @Override
  public void tradesFailed(List<FailedTrade> trades) {
    for (FailedTrade trade : trades) {
      if (trade.runId().isEmpty()) {
        failedLive.increment();
      }
      if (trade.parked()) {
        parked.increment();
      }
    }
  }

  @Override
  public void healthComputed(SyncHealth health) {
    lastHealth.computed(health);
  }

  @Override
  public void writingStarted(String runId, int batches) {
    if (!runId.isEmpty()) {
      busyWorkers.incrementAndGet();
    }
  }

  @Override
  public void writingEnded(String runId, int batches, Duration took) {
    if (!runId.isEmpty()) {
      busyWorkers.decrementAndGet();
    }
    registered.forEach(meters -> meters.batches(batches, took));
  }

  @Override
  public void committed(String runId, Duration transaction, Duration commit) {
    registered.forEach(meters -> meters.committed(commit));
  }

  @Override
  public void tryingAgain(FailureKind kind) {
    registered.forEach(meters -> meters.tryingAgain(kind));
  }

  @Override
  public void messageCommitted(String feed, Duration latency) {
    registered.forEach(meters -> meters.latency(feed).record(latency));
  }
}
