package io.tradesync.internal.run;

import io.tradesync.BatchProgress;
import io.tradesync.RunKind;
import io.tradesync.SyncListener;
import io.tradesync.SyncResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what a listener throws away from the run. */
public record SafeListener(SyncListener listener) implements SyncListener {

  private static final Logger LOG = LoggerFactory.getLogger(SafeListener.class);

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

  private static void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      LOG.warn("a listener threw; the run goes on", e);
    }
  }
}
