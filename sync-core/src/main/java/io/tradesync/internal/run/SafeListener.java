package io.tradesync.internal.run;

import io.tradesync.BatchProgress;
import io.tradesync.RunKind;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a listener throws away from the run.
 *
 * @param listener the listener
 */
public record SafeListener(SyncListener listener) implements SyncListener {

  private static final Logger LOG = LoggerFactory.getLogger(SafeListener.class);
  private static final ThreadLocal<Integer> TELLING = ThreadLocal.withInitial(() -> 0);

  @Override
  public void runStarted(String runId, RunKind kind) {
    tell(() -> listener.runStarted(runId, kind));
  }

  @Override
  public void runPlanned(String runId, long total) {
    tell(() -> listener.runPlanned(runId, total));
  }

  @Override
  public void batchFinished(BatchProgress progress) {
    tell(() -> listener.batchFinished(progress));
  }

  @Override
  public void runEnded(SyncResult result) {
    tell(() -> listener.runEnded(result));
  }

  /**
   * Tells whether the calling thread is inside a listener: it must not wait for a run, which waits
   * for it.
   *
   * @return true if so
   */
  public static boolean isTelling() {
    return TELLING.get() > 0;
  }

  private static void tell(Runnable call) {
    TELLING.set(TELLING.get() + 1);
    try {
      call.run();
    } catch (Throwable e) {
      LOG.warn("a listener threw; the run goes on", e);
    } finally {
      TELLING.set(TELLING.get() - 1);
    }
  }
}
