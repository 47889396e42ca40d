package io.tradesync.internal.plan;

import io.tradesync.GapCounts;
import io.tradesync.KeyRange;
import io.tradesync.RunOptions;
import io.tradesync.TradeKey;
import io.tradesync.Verified;
import io.tradesync.internal.compare.Findings;
import io.tradesync.internal.compare.GapSelection;
import io.tradesync.internal.compare.OrphanPolicy;
import io.tradesync.internal.compare.PlannedRange;
import io.tradesync.internal.compare.Scan;
import io.tradesync.internal.compare.ScanContext;
import io.tradesync.internal.thread.StopCheck;
import io.tradesync.spi.Finality;
import io.tradesync.spi.log.FencingToken;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Plans what one run does, and records what its scan verified. */
public final class RepairPlanner {

  private final ScanContext context;
  private final FencingToken token;
  private final KeyRange scope;
  private final RunOptions options;
  private final StopCheck stopCheck;

  public RepairPlanner(
      ScanContext context,
      FencingToken token,
      KeyRange scope,
      RunOptions options,
      StopCheck stopCheck) {
    this.context = context;
    this.token = token;
    this.scope = scope;
    this.options = options;
    this.stopCheck = stopCheck;
  }

  /** Plans to repair the gaps up to the newest key that either side has now. */
  public RepairPlan planRun() {
    stopCheck.throwIfStopped();
    new RetractedIds(context.source(), context.orphans()).settle();
    OrphanPolicy orphans = context.orphanPolicy(scope);
    Finality finality = context.finality();
    boolean begun = begin(finality);
    Scan.Result result =
        context
            .scan(scope, finality, options.compareAll())
            .compare(context.repaired(), orphans, stopCheck);
    if (result.scan().comparesEverything()) {
      context.outsideKeyOrder().record();
    }
    Findings findings = result.findings();
    orphans.recordBackOutside(findings.orphans());
    Optional<Verified> verified = begun ? remember(result, finality) : Optional.empty();
    return plan(
        result,
        () -> result,
        findings.plannedRanges().all(),
        false,
        verified.isPresent() && !findings.unverified().isComplete(),
        verified.map(until -> Settlement.of(until, findings, finality)).orElse(Settlement.NOTHING));
  }

  /**
   * Plans to write trades again, and to retract the orphans there. Whether they may be retracted is
   * decided on the whole scope.
   *
   * @param range the keys of the trades
   * @param resumedAfter the last key that an aborted force has committed; {@link TradeKey#MIN} for
   *     a force of its own
   */
  public RepairPlan planForce(KeyRange range, TradeKey resumedAfter) {
    stopCheck.throwIfStopped();
    KeyRange forced = scope.intersect(range).after(resumedAfter);
    Finality finality = context.finality();
    Scan scan = context.scanAll(forced);
    Scan.Result result = scan.compare(GapSelection.none(), context.orphanPolicy(scope), stopCheck);
    long retractions = retractions(result.findings().plannedRanges().all());
    long trades = result.findings().trades();
    List<PlannedRange> ranges =
        trades + retractions == 0
            ? List.of()
            : List.of(new PlannedRange(scan.whole(), trades, retractions, trades));
    return plan(
        result,
        () -> forced.equals(scope) ? result : wholeScope(),
        ranges,
        true,
        false,
        isOfAllPools()
            ? Settlement.ofForce(forced.intersect(scan.whole()), finality)
            : Settlement.NOTHING);
  }

  private boolean isOfAllPools() {
    return options.forced().filter(forced -> forced.selection().isAll()).isPresent();
  }

  private Scan.Result wholeScope() {
    return context
        .scan(scope, context.finality(), false)
        .compare(GapSelection.none(), OrphanPolicy.listOnly(), stopCheck);
  }

  /**
   * Makes a plan of ranges.
   *
   * @param result what the scan of these ranges found
   * @param wholeScope asked only if something is to be retracted
   */
  private RepairPlan plan(
      Scan.Result result,
      Supplier<Scan.Result> wholeScope,
      List<PlannedRange> ranges,
      boolean everything,
      boolean leavesUnverified,
      Settlement settlement) {
    long retractions = retractions(ranges);
    Optional<HeldBack> heldBack = heldBack(wholeScope, retractions);
    List<PlannedRange> planned =
        heldBack.isEmpty()
            ? ranges
            : ranges.stream()
                .map(PlannedRange::withoutRetractions)
                .filter(range -> range.repairs() > 0)
                .toList();
    // A trade whose grace period ends during the run was not counted for the guard's decision.
    OrphanPolicy orphans =
        retractions > 0 && heldBack.isEmpty()
            ? context.orphanPolicy(scope).asOfNow()
            : OrphanPolicy.countOnly();
    GapCounts found = result.findings().counts();
    long due = everything ? found.orphaned() : found.total();
    long repaired =
        everything ? retractions(planned) : planned.stream().mapToLong(PlannedRange::repairs).sum();
    return new RepairPlan(
        planned,
        new RepairReader.Choice(context.repaired(), everything, orphans, result.scan().keptBelow()),
        heldBack,
        Math.max(0, due - repaired),
        leavesUnverified,
        heldBack.isEmpty() ? settlement : Settlement.NOTHING);
  }

  private static long retractions(List<PlannedRange> ranges) {
    return ranges.stream().mapToLong(PlannedRange::retractions).sum();
  }

  private Optional<HeldBack> heldBack(Supplier<Scan.Result> wholeScope, long retractions) {
    if (retractions == 0 || options.allowMassRetraction()) {
      return Optional.empty();
    }
    Scan.Result result = wholeScope.get();
    long gone = result.gone(stopCheck);
    long processed = result.processed();
    return RetractionGuard.holdsBack(gone, processed, result.scan().newestTrade().isEmpty())
        ? Optional.of(new HeldBack(retractions, gone, processed))
        : Optional.empty();
  }

  /**
   * Verifies, after the repairs, what the run has repaired completely, so that nobody compares it
   * again. Only if there were too many gaps to remember one by one, it is compared once more.
   *
   * @param left where the run left a gap
   */
  public void verifyRepairs(RepairPlan plan, LeftSubRanges left) {
    if (plan.leavesUnverified()) {
      compareAgain();
      return;
    }
    Settlement settlement = plan.settlement();
    if (plan.ranges().isEmpty() || settlement.range().isEmpty()) {
      return;
    }
    List<KeyRange> repaired =
        left.without(settlement.finalPart(context.finality()), settlement.left());
    if (!repaired.isEmpty()) {
      context.verification().settle(token, repaired);
    }
  }

  private void compareAgain() {
    Finality finality = context.finality();
    if (begin(finality)) {
      Scan.Result result =
          context
              .scan(scope, finality, false)
              .compare(GapSelection.none(), OrphanPolicy.countOnly(), stopCheck);
      Optional<Verified> ignored = remember(result, finality);
    }
  }

  private boolean begin(Finality finality) {
    return finality.epochSecond().isPresent()
        && context.verification().begin(token, finality.epochSecond().getAsLong());
  }

  /** Records what was verified, and returns it; empty if nothing is final now. */
  private Optional<Verified> remember(Scan.Result result, Finality finalityBefore) {
    Finality finality = finalityBefore.and(context.finality());
    if (finality.epochSecond().isEmpty()) {
      return Optional.empty();
    }
    Optional<Verified> verified = result.verified(finality);
    if (verified.isPresent()) {
      context.verification().complete(token, verified.get(), result.unverified(verified.get()));
    } else {
      context.verification().forget();
    }
    return verified;
  }
}
