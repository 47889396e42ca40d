package io.tradesync.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.tradesync.RunOutcome;
import io.tradesync.spi.FailureKind;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The timers and counters of one registry that events record in. Thread-safe. */
final class RegisteredMeters {

  private static final Duration[] BUCKETS =
      Stream.of(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final MeterRegistry registry;
  private final Tags tags;
  private final Timer batches;
  private final Timer commits;
  private final Map<RunOutcome, Timer> runs = new EnumMap<>(RunOutcome.class);
  private final Map<FailureKind, Counter> retries = new EnumMap<>(FailureKind.class);
  private final Map<String, Timer> latencies = new ConcurrentHashMap<>();

  RegisteredMeters(MeterRegistry registry, Tags tags) {
    this.registry = registry;
    this.tags = tags;
    this.batches =
        histogram(
            registry,
            "tradesync.batches",
            "how long a batch took with those of its transaction, attempts and pauses included",
            tags);
    this.commits =
        histogram(registry, "tradesync.commits", "how long commits of written trades took", tags);
    for (RunOutcome outcome :
        List.of(RunOutcome.COMPLETED, RunOutcome.FAILED, RunOutcome.CANCELLED)) {
      runs.put(
          outcome,
          Timer.builder("tradesync.runs")
              .description("runs that ended, and how long they took")
              .tags(tags.and("outcome", word(outcome)))
              .register(registry));
    }
    // A failure of data is never tried again.
    for (FailureKind kind :
        List.of(FailureKind.NETWORK, FailureKind.TRANSIENT, FailureKind.UNKNOWN)) {
      retries.put(
          kind,
          Counter.builder("tradesync.retries")
              .description("failures after which a call or a batch was tried again")
              .tags(tags.and("kind", word(kind)))
              .register(registry));
    }
  }

  private static Timer histogram(
      MeterRegistry registry, String name, String description, Tags tags) {
    return Timer.builder(name)
        .description(description)
        .tags(tags)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }

  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  void batches(int count, Duration took) {
    for (int i = 0; i < count; i++) {
      batches.record(took);
    }
  }

  void committed(Duration took) {
    commits.record(took);
  }

  void runEnded(RunOutcome outcome, Duration took) {
    Timer timer = runs.get(outcome);
    if (timer != null) {
      timer.record(took);
    }
  }

  void tryingAgain(FailureKind kind) {
    Counter counter = retries.get(kind);
    if (counter != null) {
      counter.increment();
    }
  }

  Timer latency(String feed) {
    return latencies.computeIfAbsent(
        feed,
        name ->
            histogram(
                registry,
                "tradesync.live.latency",
                "time from the publication of a message to the commit of its trades",
                tags.and("feed", name)));
  }
}
