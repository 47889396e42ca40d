package io.tradesync.micrometer;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.tradesync.RunKind;
import io.tradesync.SyncResult;
import io.tradesync.spi.ActivityListener;
import io.tradesync.spi.FailureKind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Observes runs and what they write, for tracing. Give it to the engine as a listener:
 *
 * <pre>{@code
 * SyncEngine.builder().source(source).log(log).sink(sink).listener(new SyncObservations(registry));
 * }</pre>
 *
 * <ul>
 *   <li>{@code tradesync.run} lasts as long as a run or a force holds the lease. Low-cardinality
 *       keys: {@code kind}, {@code outcome}. High-cardinality keys: {@code run.id}, {@code
 *       processed}, {@code errors}. What ended a run before its end is its error.
 *   <li>{@code tradesync.batch} lasts as long as a thread writes a batch, or several that share a
 *       transaction; it is a child of its run's. On the live path it is a child of whatever the
 *       calling thread observes. Keys: {@code path} ({@code run} or {@code live}), and {@code
 *       batches} with high cardinality. It is open on the writing thread, so what a sink observes
 *       on that thread belongs to it. Each attempt that failed and is repeated is an event {@code
 *       tradesync.retry}.
 * </ul>
 *
 * <p>Needs micrometer-observation on the class path. Thread-safe.
 */
public final class SyncObservations implements ActivityListener {

  private static final String RUN = "tradesync.run";
  private static final String BATCH = "tradesync.batch";
  private static final Observation.Event RETRY = Observation.Event.of("tradesync.retry");

  private final ObservationRegistry registry;
  private final KeyValues common;
  private final Map<String, Observation> runs = new ConcurrentHashMap<>();

  // Of this object, since two of them may observe one engine; cleared after each writing.
  @SuppressWarnings("ThreadLocalUsage")
  private final ThreadLocal<Deque<Writing>> writings = new ThreadLocal<>();

  private record Writing(Observation observation, Observation.Scope scope) {}

  /** Observes in a registry. */
  public SyncObservations(ObservationRegistry registry) {
    this(registry, KeyValues.empty());
  }

  /** Observes in a registry, with low-cardinality keys of the caller's on each observation. */
  public SyncObservations(ObservationRegistry registry, KeyValues common) {
    this.registry = registry;
    this.common = common;
  }

  @Override
  public void runStarted(String runId, RunKind kind) {
    runs.put(
        runId,
        Observation.createNotStarted(RUN, registry)
            .contextualName("tradesync " + RegisteredMeters.word(kind))
            .lowCardinalityKeyValues(common)
            .lowCardinalityKeyValue("kind", RegisteredMeters.word(kind))
            .lowCardinalityKeyValue("outcome", "running")
            .highCardinalityKeyValue("run.id", runId)
            .start());
  }

  @Override
  public void runEnded(SyncResult result) {
    Observation run = runs.remove(result.runId());
    if (run != null) {
      run.lowCardinalityKeyValue("outcome", RegisteredMeters.word(result.outcome()))
          .highCardinalityKeyValue("processed", String.valueOf(result.processed()))
          .highCardinalityKeyValue("errors", String.valueOf(result.errors()));
      result.failure().ifPresent(run::error);
      run.stop();
    }
  }

  @Override
  public void writingStarted(String runId, int batches) {
    @Nullable Observation run = runs.get(runId);
    Observation batch =
        Observation.createNotStarted(BATCH, registry)
            .contextualName("tradesync batch")
            .lowCardinalityKeyValues(common)
            .lowCardinalityKeyValue("path", runId.isEmpty() ? "live" : "run")
            .highCardinalityKeyValue("batches", String.valueOf(batches));
    if (run != null) {
      batch.parentObservation(run);
    }
    batch.start();
    Deque<Writing> open = writings.get();
    if (open == null) {
      open = new ArrayDeque<>();
      writings.set(open);
    }
    open.push(new Writing(batch, batch.openScope()));
  }

  @Override
  public void writingEnded(String runId, int batches, Duration took) {
    Deque<Writing> open = writings.get();
    if (open != null && !open.isEmpty()) {
      Writing writing = open.pop();
      if (open.isEmpty()) {
        writings.remove();
      }
      writing.scope().close();
      writing.observation().stop();
    }
  }

  @Override
  public void tryingAgain(FailureKind kind) {
    Deque<Writing> open = writings.get();
    if (open != null && !open.isEmpty()) {
      open.element().observation().event(RETRY);
    }
  }
}
