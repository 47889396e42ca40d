package io.tradesync.examples.service.http;

import io.tradesync.SyncEngineBuilder;
import io.tradesync.SyncHealth;
import io.tradesync.TradesyncException;
import io.tradesync.spi.FeedHealth;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Knows what the API shows of the engine that it serves, beside what it asks. Thread-safe. */
public final class RunMonitor {

  private static final Logger LOG = LoggerFactory.getLogger(RunMonitor.class);

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

  /** Computes health for the gauges, and for those who ask for what is known. */
  void refreshHealth(Supplier<SyncHealth> health) {
    try {
      // The engine reports it to its listeners, which are the gauges.
      SyncHealth ignored = health.get();
    } catch (TradesyncException | IllegalStateException e) {
      // The age of the gauges shows it.
      LOG.debug("Health could not be computed", e);
      metrics.healthFailed(String.valueOf(e.getMessage()));
    } catch (Throwable e) {
      // An error of a side of the user's own may pass as well. Its text is not for an answer.
      LOG.warn("Health could not be computed", e);
      metrics.healthFailed(e.getClass().getSimpleName());
    }
  }

  FeedAnswers.Stats stats() {
    return metrics.stats(events.progress(), events.lastResult());
  }

  RunEvents events() {
    return events;
  }

  RunMetrics metrics() {
    return metrics;
  }
}
