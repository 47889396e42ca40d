package io.tradesync.examples.service.http;

import io.tradesync.SyncEngineBuilder;
import io.tradesync.spi.FeedHealth;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Knows what the API shows of the engine that it serves, beside what it asks. Thread-safe. */
public final class RunMonitor {

  private final RunEvents events = new RunEvents();
  private final RunMetrics metrics;

  /**
   * Makes a monitor that has seen nothing.
   *
   * @param live tells at once how the streams' consumer is doing
   * @param notify the same of the listener to Ponder's notifications; null if there is none
   */
  public RunMonitor(Supplier<FeedHealth> live, @Nullable Supplier<FeedHealth> notify) {
    this.metrics = new RunMetrics(live, notify);
  }

  /** Lets this monitor hear of the engine that is to be built. */
  public void listenTo(SyncEngineBuilder engine) {
    engine.listener(metrics).listener(metrics.meters()).listener(events);
  }

  RunEvents events() {
    return events;
  }

  RunMetrics metrics() {
    return metrics;
  }
}
