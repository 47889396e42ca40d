package io.tradesync.internal.run;

import io.tradesync.BatchProgress;
import io.tradesync.FailedTrade;
import io.tradesync.RunKind;
import io.tradesync.SyncHealth;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import io.tradesync.spi.ActivityListener;
import io.tradesync.spi.FailureKind;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls several listeners. An exception that a listener throws is logged and changes nothing. */
public record Listeners(List<SyncListener> listeners, List<ActivityListener> ofActivity)
    implements ActivityListener {

  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
  private static final ThreadLocal<Integer> CALLS_ON_THIS_THREAD = ThreadLocal.withInitial(() -> 0);

  /** Calls some listeners, each of them in the order given. */
  public static Listeners of(List<SyncListener> listeners) {
    return new Listeners(
        listeners,
        listeners.stream()
            .filter(ActivityListener.class::isInstance)
            .map(ActivityListener.class::cast)
            .toList());
  }

  @Override
  public void runStarted(String runId, RunKind kind) {
    call(listener -> listener.runStarted(runId, kind));
  }

  @Override
  public void runPlanned(String runId, long total) {
    call(listener -> listener.runPlanned(runId, total));
  }

  @Override
  public void batchFinished(BatchProgress progress) {
    call(listener -> listener.batchFinished(progress));
  }

  @Override
  public void tradesFailed(List<FailedTrade> trades) {
    List<FailedTrade> unmodifiable = List.copyOf(trades);
    call(listener -> listener.tradesFailed(unmodifiable));
  }

  @Override
  public void runEnded(SyncResult result) {
    call(listener -> listener.runEnded(result));
  }

  @Override
  public void healthComputed(SyncHealth health) {
    callOfActivity(listener -> listener.healthComputed(health));
  }

  @Override
  public void writingStarted(String runId, int batches) {
    callOfActivity(listener -> listener.writingStarted(runId, batches));
  }

  @Override
  public void writingEnded(String runId, int batches, Duration took) {
    callOfActivity(listener -> listener.writingEnded(runId, batches, took));
  }

  @Override
  public void committed(String runId, Duration transaction, Duration commit) {
    callOfActivity(listener -> listener.committed(runId, transaction, commit));
  }

  @Override
  public void tryingAgain(FailureKind kind) {
    callOfActivity(listener -> listener.tryingAgain(kind));
  }

  @Override
  public void messageCommitted(String feed, Duration latency) {
    callOfActivity(listener -> listener.messageCommitted(feed, latency));
  }

  /**
   * Whether the calling thread is inside a listener. Such a thread must not wait for a run, because
   * the run waits for the listener.
   */
  public static boolean isCalling() {
    return CALLS_ON_THIS_THREAD.get() > 0;
  }

  private void call(Consumer<SyncListener> event) {
    callAll(listeners, event);
  }

  private void callOfActivity(Consumer<ActivityListener> event) {
    if (!ofActivity.isEmpty()) {
      callAll(ofActivity, event);
    }
  }

  private static <L> void callAll(List<L> listeners, Consumer<L> event) {
    CALLS_ON_THIS_THREAD.set(CALLS_ON_THIS_THREAD.get() + 1);
    try {
      listeners.forEach(listener -> callOne(listener, event));
    } finally {
      CALLS_ON_THIS_THREAD.set(CALLS_ON_THIS_THREAD.get() - 1);
    }
  }

  private static <L> void callOne(L listener, Consumer<L> event) {
    try {
      event.accept(listener);
    } catch (Throwable e) {
      LOG.warn("a listener threw; the work goes on", e);
    }
  }
}
