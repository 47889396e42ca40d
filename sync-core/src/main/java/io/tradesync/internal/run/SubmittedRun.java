package io.tradesync.internal.run;

import io.tradesync.RunHandle;
import io.tradesync.RunProgress;
import io.tradesync.SyncResult;
import java.util.concurrent.CompletableFuture;

/** The handle of a run that was submitted. */
public record SubmittedRun(RunTask task, CompletableFuture<SyncResult> result)
    implements RunHandle {

  @Override
  public String runId() {
    return task.id();
  }

  @Override
  public RunProgress progress() {
    return task.progress();
  }

  @Override
  public void cancel() {
    task.cancel();
  }
}
