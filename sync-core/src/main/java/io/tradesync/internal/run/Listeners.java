package io.tradesync.internal.run;

import io.tradesync.BatchProgress;
import io.tradesync.FailedTrade;
import io.tradesync.RunKind;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls several listeners. An exception that a listener throws is logged and changes nothing. */
public record Listeners(List<SyncListener> listeners) implements SyncListener {

  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
  private static final ThreadLocal<Integer> CALLS_ON_THIS_THREAD = ThreadLocal.withInitial(() -> 0);

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

  /**
   * Whether the calling thread is inside a listener. Such a thread must not wait for a run, because
   * the run waits for the listener.
   */
  public static boolean isCalling() {
    return CALLS_ON_THIS_THREAD.get() > 0;
  }

  private void call(Consumer<SyncListener> event) {
    CALLS_ON_THIS_THREAD.set(CALLS_ON_THIS_THREAD.get() + 1);
    try {
      listeners.forEach(listener -> callOne(listener, event));
    } finally {
      CALLS_ON_THIS_THREAD.set(CALLS_ON_THIS_THREAD.get() - 1);
    }
  }

  private static void callOne(SyncListener listener, Consumer<SyncListener> event) {
    try {
      event.accept(listener);
    } catch (Throwable e) {
      LOG.warn("a listener threw; the run goes on", e);
    }
  }
}
