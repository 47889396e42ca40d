package io.tradesync.spring;

import io.micrometer.core.instrument.Tags;
import io.tradesync.micrometer.SyncMetrics;
import io.tradesync.spi.LiveFeed;

/** Creates the meters of an engine. Loaded only if Micrometer is on the class path. */
final class Metered {

  static final String METER_BINDER = "io.micrometer.core.instrument.binder.MeterBinder";

  private Metered() {}

  /** The meters of one of several engines, with its name as the tag {@code engine}. */
  static SyncMetrics metrics(EngineParts parts) {
    Tags tags = parts.name().isEmpty() ? Tags.empty() : Tags.of("engine", parts.name());
    SyncMetrics metrics = new SyncMetrics(tags);
    for (LiveFeed feed : parts.beans().all(LiveFeed.class)) {
      metrics.feed(feed::health);
    }
    return metrics;
  }
}
