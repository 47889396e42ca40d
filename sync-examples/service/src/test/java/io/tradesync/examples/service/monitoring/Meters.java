package io.tradesync.examples.service.monitoring;

import static java.util.stream.Collectors.toCollection;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tradesync.micrometer.SyncMetrics;
import io.tradesync.spi.FeedHealth;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The meters that the code registers, with one feed. */
final class Meters {

  private static final SyncMetrics METRICS =
      new SyncMetrics()
          .feed(
              () ->
                  new FeedHealth(
                      "feed",
                      null,
                      false,
                      List.of(),
                      FeedHealth.Backlog.UNKNOWN,
                      Map.of("consumed", 0L),
                      Map.of("trimmed", 0L)));

  private Meters() {}

  /** The type and the names of the tags of each meter, as docs/METRICS.md says them. */
  static SortedMap<String, String> described() {
    MeterRegistry registry = new SimpleMeterRegistry();
    METRICS.bindTo(registry);
    SortedMap<String, String> described = new TreeMap<>();
    for (Meter meter : registry.getMeters()) {
      if (meter.getId().syntheticAssociation() != null) {
        continue;
      }
      Set<String> tags = new TreeSet<>();
      meter.getId().getTags().forEach(tag -> tags.add(tag.getKey()));
      described.put(meter.getId().getName(), type(meter) + " " + tags);
    }
    return described;
  }

  private static String type(Meter meter) {
    if (meter instanceof Timer timer) {
      return timer.takeSnapshot().histogramCounts().length > 0 ? "timer, histogram" : "timer";
    }
    return switch (meter.getId().getType()) {
      case COUNTER -> "counter";
      case GAUGE -> "gauge";
      default -> throw new AssertionError(meter.getId());
    };
  }

  /** The names of the samples that Prometheus scrapes. */
  static Set<String> prometheusNames() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    METRICS.bindTo(registry);
    return registry
        .scrape()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("[{ ]", 2)[0])
        .collect(toCollection(TreeSet::new));
  }
}
