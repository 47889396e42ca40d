package io.tradesync.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.tradesync.spi.FeedHealth;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The meters of one live feed in one registry. */
final class FeedMeters {

  private final MeterRegistry registry;
  private final Supplier<FeedHealth> feed;
  private final Tags tags;

  FeedMeters(MeterRegistry registry, Supplier<FeedHealth> feed, Tags common) {
    this.registry = registry;
    this.feed = feed;
    this.tags = common.and("feed", feed.get().name());
  }

  void bind() {
    gauge("up", "whether the feed and all its channels deliver", health -> health.up() ? 1 : 0);
    gauge("paused", "whether the feed is paused", health -> health.paused() ? 1 : 0);
    gauge("channels", "channels that the feed listens to", health -> health.channels().size());
    gauge(
        "channels.down",
        "channels that do not deliver",
        health -> health.channels().stream().filter(channel -> !channel.up()).count());
    gauge(
        "lag",
        "messages that the feed's group has not read",
        health -> orUnknown(health.backlog().lag()));
    gauge(
        "pending",
        "messages that were read and not acknowledged",
        health -> orUnknown(health.backlog().pending()));
    gauge(
        "oldest.pending.seconds",
        "age of the oldest of these",
        health -> seconds(health.backlog().oldestPending()));
    FeedHealth now = feed.get();
    now.counters()
        .keySet()
        .forEach(
            name ->
                counter(
                    "events",
                    "what the feed has counted",
                    "event",
                    name,
                    health -> health.counter(name)));
    now.losses()
        .keySet()
        .forEach(
            kind ->
                counter(
                    "losses",
                    "times that data of a channel were lost, or may have been",
                    "kind",
                    kind,
                    health -> Objects.requireNonNullElse(health.losses().get(kind), 0L)));
  }

  private void gauge(String name, String description, ToDoubleFunction<FeedHealth> value) {
    Gauge.builder("tradesync.feed." + name, () -> value.applyAsDouble(feed.get()))
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private void counter(
      String name,
      String description,
      String tag,
      String tagValue,
      ToDoubleFunction<FeedHealth> count) {
    // The registry holds the supplier weakly; SyncMetrics keeps it.
    FunctionCounter.builder(
            "tradesync.feed." + name, feed, asked -> count.applyAsDouble(asked.get()))
        .description(description)
        .tags(tags.and(tag, tagValue))
        .register(registry);
  }

  private static double orUnknown(@Nullable Long count) {
    return count == null ? Double.NaN : count;
  }

  private static double seconds(@Nullable Duration duration) {
    return duration == null ? Double.NaN : duration.toMillis() / 1_000.0;
  }
}
