package io.tradesync.examples.service.http;

import io.tradesync.BatchProgress;
import io.tradesync.RunKind;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.spi.FeedHealth;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the API knows of runs; listens to the engine that the API serves. Thread-safe. */
public final class RunMonitor implements SyncListener {

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

  private List<SyncListener> all() {
    return List.of(metrics, events);
  }

  @Override
  public void runStarted(String runId, RunKind kind) {
    all().forEach(listener -> listener.runStarted(runId, kind));
  }

  @Override
  public void runPlanned(String runId, long total) {
    all().forEach(listener -> listener.runPlanned(runId, total));
  }

  @Override
  public void batchFinished(BatchProgress progress) {
    all().forEach(listener -> listener.batchFinished(progress));
  }

  @Override
  public void runEnded(SyncResult result) {
    all().forEach(listener -> listener.runEnded(result));
  }

  RunEvents events() {
    return events;
  }

  RunMetrics metrics() {
    return metrics;
  }
}
