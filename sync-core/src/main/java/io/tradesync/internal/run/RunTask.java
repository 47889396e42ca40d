package io.tradesync.internal.run;

import static java.util.Objects.requireNonNullElse;

import io.tradesync.KeyRange;
import io.tradesync.RunOptions;
import io.tradesync.RunProgress;
import io.tradesync.SyncResult;
import io.tradesync.TradesyncException;
import org.jspecify.annotations.Nullable;

/** Carries out a run and, after it, resumes a force whose process died. */
public final class RunTask implements Task<SyncResult> {

  private final Run run;
  private final ForceResumption resumption;
  private volatile Run current;
  private volatile boolean cancelled;
  private volatile @Nullable SyncResult result;

  public RunTask(RunContext context, KeyRange scope, RunOptions options) {
    RunLimits limits = new RunLimits(options, context.settings().clock());
    this.run = new Run(context, scope, options, limits);
    this.resumption = new ForceResumption(context, scope, limits);
    this.current = run;
  }

  @Override
  public String id() {
    return run.id();
  }

  public RunProgress progress() {
    return run.progress();
  }

  @Override
  public void begin() {
    run.acquireLease();
  }

  @Override
  public SyncResult execute() {
    SyncResult ended = run.execute();
    result = ended;
    if (ended.success() && !cancelled) {
      resumeForce();
    }
    return ended;
  }

  private void resumeForce() {
    try {
      resumption.find().ifPresent(this::resume);
    } catch (TradesyncException e) {
      ForceResumption.logFailure(e);
    }
  }

  private void resume(Run force) {
    current = force;
    if (cancelled) {
      return;
    }
    force.acquireLease();
    SyncResult ignored = force.execute();
  }

  @Override
  public void cancel() {
    cancelled = true;
    current.cancel();
  }

  @Override
  public void interruptWorkers() {
    current.interruptWorkers();
  }

  @Override
  public SyncResult abandon() {
    SyncResult abandoned = current.abandon();
    return requireNonNullElse(result, abandoned);
  }
}
