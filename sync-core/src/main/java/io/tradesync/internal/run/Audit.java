package io.tradesync.internal.run;

import io.tradesync.AuditReport;
import io.tradesync.KeyRange;
import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.SideUnavailableException;
import io.tradesync.TradesyncException;
import io.tradesync.internal.compare.Findings;
import io.tradesync.internal.compare.GapSelection;
import io.tradesync.internal.compare.OrphanPolicy;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.RunState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** One comparison of everything. Used once; only {@link #cancel} by other threads. */
public final class Audit implements Cancellable {

  private static final Logger LOG = LoggerFactory.getLogger(Audit.class);

  private final RunContext context;
  private final KeyRange scope;
  private final String runId;
  private volatile boolean cancelled;

  /**
   * Makes an audit.
   *
   * @param context what the run works with
   * @param scope which trades count
   */
  public Audit(RunContext context, KeyRange scope) {
    this.context = context;
    this.scope = scope;
    this.runId = context.settings().runIds().get();
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  /**
   * Carries the audit out.
   *
   * @return what it found
   * @throws io.tradesync.SyncAlreadyRunningException if another audit is under way
   * @throws SideUnavailableException if a side is gone or too slow
   * @throws TradesyncException if it was cancelled
   */
  public AuditReport execute() {
    long began = System.nanoTime();
    FencingToken fence =
        context.log().lease().acquire(LeaseKind.AUDIT, runId, context.settings().leaseTtl());
    try (LeaseHeartbeat heartbeat =
        new LeaseHeartbeat(context.log().lease(), fence, context.settings().leaseTtl())) {
      context.log().history().begin(runId, RunKind.AUDIT, Run.HOST, null);
      try {
        AuditReport report = compare(heartbeat, began);
        end(RunOutcome.COMPLETED, report, "Audit completed: " + report.gaps().total() + " gaps");
        return report;
      } catch (RuntimeException | Error e) {
        boolean stopped = cancelled || Thread.currentThread().isInterrupted();
        String message = "Audit stopped, " + FailureText.reason(e);
        end(stopped ? RunOutcome.CANCELLED : RunOutcome.FAILED, null, message);
        throw e;
      }
    }
  }

  private AuditReport compare(LeaseHeartbeat heartbeat, long began) {
    Findings findings =
        context
            .scans()
            .scanAll(scope)
            .compare(GapSelection.none(), OrphanPolicy.countOnly(), () -> goOn(heartbeat))
            .findings();
    if (!findings.unverified().isComplete()) {
      context.log().verification().forget();
    } else {
      context.log().verification().markUnverified(findings.unverified().known());
    }
    Long withoutTimestamp = withoutTimestamp();
    return new AuditReport(
        runId,
        withoutTimestamp == null
            ? findings.counts()
            : findings.counts().plusErrors(withoutTimestamp),
        findings.gapRanges().describe(context.source(), context.log().entries()),
        findings.gapRanges().isComplete(),
        withoutTimestamp,
        Duration.ofNanos(System.nanoTime() - began));
  }

  private @Nullable Long withoutTimestamp() {
    try {
      return context.source().countWithoutKey();
    } catch (SideUnavailableException e) {
      if (!e.isTimeout()) {
        throw e;
      }
      LOG.warn("audit {}: rows without a timestamp could not be counted in time", runId);
      return null;
    }
  }

  private void goOn(LeaseHeartbeat heartbeat) {
    if (cancelled || Thread.currentThread().isInterrupted()) {
      throw new TradesyncException("the audit was cancelled");
    }
    heartbeat.check();
  }

  private void end(RunOutcome outcome, @Nullable AuditReport report, String message) {
    long gaps = report == null ? 0 : report.gaps().total();
    LOG.atLevel(gaps == 0 ? Level.DEBUG : Level.INFO).log("audit {}: {}", runId, message);
    try {
      context.log().history().update(runId, new RunState(outcome, 0, 0, gaps, null, message));
    } catch (RuntimeException e) {
      LOG.warn("audit {} could not be noted in the audit trail: {}", runId, FailureText.reason(e));
    }
  }
}
