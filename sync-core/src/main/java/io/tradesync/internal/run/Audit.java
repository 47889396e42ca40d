package io.tradesync.internal.run;

import io.tradesync.AuditReport;
import io.tradesync.BelowRetention;
import io.tradesync.GapCounts;
import io.tradesync.GapRange;
import io.tradesync.KeyRange;
import io.tradesync.RunKind;
import io.tradesync.RunOutcome;
import io.tradesync.SideUnavailableException;
import io.tradesync.StoreDifferences;
import io.tradesync.TradesyncException;
import io.tradesync.internal.compare.Findings;
import io.tradesync.internal.compare.OutsideKeyOrder;
import io.tradesync.internal.compare.PartWorkers;
import io.tradesync.internal.compare.Scan;
import io.tradesync.internal.compare.ScanContext;
import io.tradesync.internal.compare.StoreFindings;
import io.tradesync.internal.compare.StoreProof;
import io.tradesync.internal.failure.FailureText;
import io.tradesync.internal.thread.LogFields;
import io.tradesync.internal.thread.Threads;
import io.tradesync.spi.log.LeaseKind;
import io.tradesync.spi.log.RunState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;

/** One comparison of everything. Used once; other threads may cancel it. */
public final class Audit implements Task<AuditReport> {

  private static final Logger LOG = LoggerFactory.getLogger(Audit.class);

  private final RunContext context;
  private final ScopeRange scopeRange;
  private final KeyRange scope;
  private final String runId;
  private final long began = System.nanoTime();
  private volatile boolean cancelled;
  private volatile @Nullable LeaseHeartbeat lease;
  private volatile @Nullable PartWorkers workers;

  public Audit(RunContext context, ScopeRange scope) {
    this.context = context;
    this.scopeRange = scope;
    this.scope = scope.now();
    this.runId = context.settings().runIds().get();
  }

  @Override
  public String id() {
    return runId;
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  /**
   * Carries the audit out.
   *
   * @throws io.tradesync.SyncAlreadyRunningException if another audit is under way
   * @throws SideUnavailableException if a side cannot be reached or does not answer in time
   * @throws TradesyncException if the audit was cancelled
   */
  @Override
  public AuditReport execute() {
    MDC.put(LogFields.RUN_ID, runId);
    try {
      return auditWithLease();
    } finally {
      MDC.remove(LogFields.RUN_ID);
    }
  }

  private AuditReport auditWithLease() {
    try (LeaseHeartbeat held =
        LeaseHeartbeat.acquire(
            context.log().lease(),
            LeaseKind.AUDIT,
            runId,
            context.settings().leaseTtl(),
            this::cancel)) {
      lease = held;
      context.log().history().begin(runId, RunKind.AUDIT, RunReport.HOST, null);
      try {
        AuditReport report = compare(held);
        end(RunOutcome.COMPLETED, report, "Audit completed: " + found(report));
        return report;
      } catch (RuntimeException | Error e) {
        boolean stopped = cancelled || Thread.currentThread().isInterrupted();
        String message = "Audit stopped, " + FailureText.reason(e);
        end(stopped ? RunOutcome.CANCELLED : RunOutcome.FAILED, null, message);
        throw e;
      }
    }
  }

  private AuditReport compare(LeaseHeartbeat held) {
    context.checkScope();
    Scan scan = scans(held).scanAll(scope);
    Findings findings = scan.compareForReport(() -> throwIfStopped(held)).findings();
    if (!findings.unverified().isComplete()) {
      context.log().verification().forget();
    } else {
      context.log().verification().markUnverified(findings.unverified().known());
    }
    StoreDifferences store = store(scan.whole().upTo().epochSecond(), held);
    Long withoutTimestamp = withoutTimestamp();
    return new AuditReport(
        runId,
        withoutTimestamp == null
            ? findings.counts()
            : findings.counts().plusErrors(withoutTimestamp),
        findings.gapRanges().describe(context.source(), context.log().entries()),
        findings.gapRanges().isComplete(),
        withoutTimestamp,
        belowRetention(held),
        store,
        Duration.ofNanos(System.nanoTime() - began));
  }

  private ScanContext scans(LeaseHeartbeat held) {
    PartWorkers started = context.comparisonWorkers(held);
    workers = started;
    return context.scans().with(started);
  }

  @Override
  public void interruptWorkers() {
    PartWorkers started = workers;
    if (started != null) {
      started.interrupt();
    }
  }

  /** Compares what the sink holds with the log; null if that cannot be done. */
  private @Nullable StoreDifferences store(long newestSecond, LeaseHeartbeat held) {
    return context
        .store()
        .map(
            view -> {
              long proofBegan = System.nanoTime();
              int threads = context.settings().comparisonParallelism();
              StoreProof proof = new StoreProof(view, threads, () -> throwIfStopped(held));
              StoreFindings findings = proof.compare(scope, newestSecond);
              StoreDifferences found = findings.describe(scope.after(), scopeRange.now().after());
              Duration ago = Duration.ofNanos(System.nanoTime() - proofBegan);
              view.differences().replace(found.ranges(), ago);
              return found;
            })
        .orElse(null);
  }

  /** Counts what differs below the retention boundary; null if there is none. */
  private @Nullable BelowRetention belowRetention(LeaseHeartbeat held) {
    OptionalLong since = scopeRange.retainedSince();
    if (since.isEmpty()) {
      return null;
    }
    Optional<Findings> findings =
        scopeRange
            .belowRetention()
            .map(
                below ->
                    context
                        .scans()
                        .scanAll(below)
                        .compareForReport(() -> throwIfStopped(held))
                        .findings());
    List<GapRange> ranges =
        findings
            .map(found -> found.gapRanges().describe(context.source(), context.log().entries()))
            .orElse(List.of());
    return new BelowRetention(
        since.getAsLong(),
        findings.map(Findings::counts).orElse(GapCounts.NONE),
        ranges.isEmpty() ? null : ranges.get(0).first().epochSecond(),
        ranges.isEmpty() ? null : ranges.get(ranges.size() - 1).last().epochSecond());
  }

  private @Nullable Long withoutTimestamp() {
    return context
        .scans()
        .outsideKeyOrder()
        .recordAndCount()
        .map(OutsideKeyOrder.Count::failed)
        .orElse(null);
  }

  private void throwIfStopped(LeaseHeartbeat held) {
    if (cancelled || Thread.currentThread().isInterrupted()) {
      throw new TradesyncException("the audit was cancelled");
    }
    held.throwIfLost();
  }

  private static String found(AuditReport report) {
    long differing = differing(report);
    return report.gaps().total()
        + " gaps"
        + (differing == 0 ? "" : "; " + differing + " trades or candles differ in the store");
  }

  private static long differing(@Nullable AuditReport report) {
    return report == null || report.store() == null ? 0 : report.store().differing();
  }

  private void end(RunOutcome outcome, @Nullable AuditReport report, String message) {
    long gaps = report == null ? 0 : report.gaps().total();
    LOG.atLevel(gaps + differing(report) == 0 ? Level.DEBUG : Level.INFO)
        .log("audit {}: {}", runId, message);
    try {
      RunState state = new RunState(outcome, 0, 0, gaps, null, message);
      Threads.despiteInterrupt(() -> context.log().history().update(runId, state));
    } catch (RuntimeException e) {
      LOG.warn(
          "audit {} could not be recorded in the run history: {}", runId, FailureText.reason(e));
    }
  }

  @Override
  public AuditReport abandon() {
    LeaseHeartbeat held = lease;
    if (held != null) {
      held.stopBeating();
    }
    throw new TradesyncException("the audit was cancelled and did not end in time");
  }
}
