package io.tradesync.internal.run;

import io.tradesync.GapKind;
import io.tradesync.KeyRange;
import io.tradesync.RunOptions;
import io.tradesync.Verified;
import io.tradesync.internal.compare.Findings;
import io.tradesync.internal.compare.OrphanPolicy;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.compare.Scan;
import io.tradesync.internal.compare.SourceCounter;
import io.tradesync.internal.plan.RepairReader;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.log.FencingToken;
import io.tradesync.spi.log.Verification.Snapshot;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds what a run has to do, and remembers what it found equal. Used once. */
final class RunPlanner {

  /** The largest part of the processed trades that may be gone, in percent, if it is not few. */
  static final long MAX_LOST_PERCENT = 20;

  /** So many lost trades are few, whatever part they are. */
  static final long FEW_LOST = 100;

  /**
   * OrphanPolicy that were held back.
   *
   * @param retractions how many
   * @param lost how many processed trades are gone from the source
   * @param processed of how many
   */
  record HeldBack(long retractions, long lost, long processed) {
    String message() {
      return retractions
          + " retractions held back, since the source has lost "
          + lost
          + " of "
          + processed
          + " processed trades; allow a mass retraction if that is right";
    }
  }

  private final RunContext context;
  private final FencingToken fence;
  private final KeyRange scope;
  private final RunOptions options;
  private final StopCheck stopCheck;
  private final @Nullable OrphanPolicy retractions;
  private boolean writesEverything;
  private boolean leavesUnverified;
  private @Nullable HeldBack heldBack;

  RunPlanner(
      RunContext context,
      FencingToken fence,
      KeyRange scope,
      RunOptions options,
      StopCheck stopCheck) {
    this.context = context;
    this.fence = fence;
    this.scope = scope;
    this.options = options;
    this.stopCheck = stopCheck;
    this.retractions = context.orphanPolicy(scope);
  }

  /** Finds the gaps up to the newest key that either side has now. */
  List<PlannedRange> gaps() {
    stopCheck.throwIfStopped();
    long finalThrough = context.finalThrough();
    boolean begun = context.log().verification().begin(fence, finalThrough);
    Scan survey =
        context.scan(
            scope, context.log().verification()::snapshot, finalThrough, options.compareAll());
    Findings found = new Findings(context::repairs);
    survey.compare(found, retractions, stopCheck);
    if (retractions != null) {
      context.log().orphans().recordBackOutside(found.orphans().all());
    }
    if (begun && remember(survey, found, finalThrough)) {
      leavesUnverified = found.dirty().unknownFrom() < Long.MAX_VALUE;
    }
    return guarded(survey, found, found.plan().stretches());
  }

  /** Finds all trades after a time, and the orphans among the entries there. */
  List<PlannedRange> force(long afterEpochSecond) {
    stopCheck.throwIfStopped();
    writesEverything = true;
    KeyRange forced = scope.intersect(KeyRange.from(afterEpochSecond + 1));
    Scan survey = context.scan(forced, () -> Snapshot.NOTHING, Long.MIN_VALUE, true);
    Findings found = new Findings(kind -> false);
    survey.compare(found, retractions, stopCheck);
    long due = found.plan().stretches().stream().mapToLong(PlannedRange::retractions).sum();
    long trades = found.trades();
    return trades + due == 0
        ? List.of()
        : guarded(survey, found, List.of(new PlannedRange(survey.whole(), trades, due, trades)));
  }

  /** Keeps what was found, unless the source has stepped back meanwhile, or tells nothing now. */
  private boolean remember(Scan survey, Findings found, long finalBefore) {
    long finalThrough = Math.min(finalBefore, context.finalThrough());
    if (finalThrough == Long.MIN_VALUE) {
      return false;
    }
    Optional<Verified> verified = survey.verified(found.dirty(), finalThrough);
    if (verified.isPresent()) {
      context
          .log()
          .verification()
          .complete(fence, verified.get(), Scan.unverified(verified.get(), found.dirty()));
    } else {
      context.log().verification().forget();
    }
    return true;
  }

  private List<PlannedRange> guarded(Scan survey, Findings found, List<PlannedRange> stretches) {
    long due = stretches.stream().mapToLong(PlannedRange::retractions).sum();
    if (due == 0 || options.allowMassRetraction()) {
      return stretches;
    }
    long lost = found.lost();
    long processed = found.processed() + survey.trustedTrades();
    if (survey.trustedTrades() > 0) {
      long there = SourceCounter.of(context.source(), survey.trustedRange(), stopCheck);
      lost += Math.max(0, survey.trustedTrades() - there);
    }
    boolean most = lost > FEW_LOST && lost * 100 > processed * MAX_LOST_PERCENT;
    if (survey.newest().isPresent() && !most) {
      return stretches;
    }
    heldBack = new HeldBack(due, lost, processed);
    return stretches.stream()
        .map(PlannedRange::withoutRetractions)
        .filter(stretch -> stretch.repairs() > 0)
        .toList();
  }

  /** What was held back, null if nothing was. */
  @Nullable HeldBack heldBack() {
    return heldBack;
  }

  /** Which trades of the stretches are to be repaired. */
  RepairReader.Choice choice() {
    return new RepairReader.Choice(
        kind -> kind != GapKind.ORPHANED && context.repairs(kind),
        writesEverything,
        heldBack == null ? retractions : null);
  }

  /**
   * Compares again, after the repairs, what had too many gaps to be remembered one by one; without
   * it the next look would have to.
   */
  void verifyRepaired() {
    if (!leavesUnverified) {
      return;
    }
    long finalThrough = context.finalThrough();
    if (!context.log().verification().begin(fence, finalThrough)) {
      return;
    }
    Scan survey = context.scan(scope, context.log().verification()::snapshot, finalThrough, false);
    Findings found = new Findings(kind -> false);
    survey.compare(found, null, stopCheck);
    boolean ignored = remember(survey, found, finalThrough);
  }
}
